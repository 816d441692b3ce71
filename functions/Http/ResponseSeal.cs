using System.Security.Cryptography;
using System.Text;

namespace TodoFlow.Functions.Http;

/// <summary>
/// Seals a kept answer with AES-256-GCM under a key that derives from its request and its Idempotency-Key, which is not stored either, so that a
/// copy of the database opens none.
/// </summary>
public sealed class ResponseSeal : IDisposable
{
    // As slow as the hash of a password: the request holds one, and neither digest nor seal may be a shorter way to it.
    private const int Iterations = 210_000;
    private const int DigestBytes = 32;
    private const int KeyBytes = 32;

    private readonly AesGcm _cipher;

    private ResponseSeal(ReadOnlySpan<byte> key) => _cipher = new(key, AesGcm.TagByteSizes.MaxSize);

    /// <summary>Derives, with PBKDF2, what a request is known by and what seals its response; neither tells the other.</summary>
    public static (byte[] Digest, ResponseSeal Seal) Derive(ReadOnlySpan<byte> body, byte[] scope, string key)
    {
        Span<byte> derived = stackalloc byte[DigestBytes + KeyBytes]; // one block of SHA-512
        Rfc2898DeriveBytes.Pbkdf2(body, [.. scope, .. Encoding.ASCII.GetBytes(key)], derived, Iterations, HashAlgorithmName.SHA512);
        var result = (derived[..DigestBytes].ToArray(), new ResponseSeal(derived[DigestBytes..]));
        CryptographicOperations.ZeroMemory(derived);
        return result;
    }

    /// <summary>Seals: nonce, tag, then the text.</summary>
    public byte[] Close(ReadOnlySpan<byte> text)
    {
        var (nonceBytes, tagBytes) = (AesGcm.NonceByteSizes.MaxSize, AesGcm.TagByteSizes.MaxSize);
        var closed = new byte[nonceBytes + tagBytes + text.Length];
        RandomNumberGenerator.Fill(closed.AsSpan(0, nonceBytes));
        _cipher.Encrypt(closed.AsSpan(0, nonceBytes), text, closed.AsSpan(nonceBytes + tagBytes), closed.AsSpan(nonceBytes, tagBytes));
        return closed;
    }

    /// <summary>Opens what <see cref="Close"/> sealed.</summary>
    /// <exception cref="CryptographicException">It was sealed with another key, or altered.</exception>
    public byte[] Open(ReadOnlySpan<byte> closed)
    {
        var (nonceBytes, tagBytes) = (AesGcm.NonceByteSizes.MaxSize, AesGcm.TagByteSizes.MaxSize);
        var text = new byte[closed.Length - nonceBytes - tagBytes];
        _cipher.Decrypt(closed[..nonceBytes], closed[(nonceBytes + tagBytes)..], closed.Slice(nonceBytes, tagBytes), text);
        return text;
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();
}
