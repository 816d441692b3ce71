using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TodoFlow.Infrastructure.Notifications.WebPush;

/// <summary>Encrypts messages so that the browser alone reads them: RFC 8291, in the content encoding <c>aes128gcm</c> of RFC 8188.</summary>
internal static class PushEncryption
{
    /// <summary>The longest message, in bytes: a push service need not take more than 4096 once it is encrypted (RFC 8291 section 4).</summary>
    public const int LongestMessage = RecordSize - HeaderBytes - DelimiterBytes - TagBytes;

    /// <summary>The length of a subscription's authentication secret.</summary>
    public const int AuthBytes = 16;

    private const int RecordSize = 4096;
    private const int SaltBytes = 16;
    private const int HeaderBytes = SaltBytes + sizeof(uint) + 1 + CurvePoint.PublicBytes;
    private const int DelimiterBytes = 1;
    private const int TagBytes = 16;
    private const int KeyBytes = 16;
    private const int NonceBytes = 12;
    private const int SecretBytes = 32;
    private const byte LastRecord = 2;

    /// <summary>Encrypts a message with a key pair and a salt of its own.</summary>
    /// <param name="message">At most <see cref="LongestMessage"/> bytes.</param>
    /// <param name="receiver">The subscription's public key.</param>
    /// <param name="auth">The subscription's authentication secret.</param>
    /// <exception cref="ArgumentOutOfRangeException">The message is too long.</exception>
    /// <exception cref="CryptographicException">The public key is no point of the curve.</exception>
    public static byte[] Encrypt(ReadOnlySpan<byte> message, ReadOnlySpan<byte> receiver, ReadOnlySpan<byte> auth)
    {
        using var sender = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        Span<byte> salt = stackalloc byte[SaltBytes];
        RandomNumberGenerator.Fill(salt);
        return Encrypt(message, receiver, auth, sender, salt);
    }

    /// <summary>Encrypts a message with a given key pair and salt: neither may serve for a second message.</summary>
    internal static byte[] Encrypt(
        ReadOnlySpan<byte> message, ReadOnlySpan<byte> receiver, ReadOnlySpan<byte> auth, ECDiffieHellman sender, ReadOnlySpan<byte> salt)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, LongestMessage, nameof(message));
        using var other = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = CurvePoint.Read(receiver) });
        var senderPoint = CurvePoint.Write(sender.ExportParameters(includePrivateParameters: false).Q);
        var shared = sender.DeriveRawSecretAgreement(other.PublicKey);

        // RFC 8291 section 3.4: the secret that both sides know, bound to both keys.
        Span<byte> secret = stackalloc byte[SecretBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, secret, auth, [.. "WebPush: info\0"u8, .. receiver, .. senderPoint]);

        // RFC 8188 section 2.2 and 2.3. The nonce of record 0 is the nonce itself.
        Span<byte> key = stackalloc byte[KeyBytes];
        Span<byte> nonce = stackalloc byte[NonceBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt, "Content-Encoding: aes128gcm\0"u8);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, nonce, salt, "Content-Encoding: nonce\0"u8);

        var body = new byte[HeaderBytes + message.Length + DelimiterBytes + TagBytes];
        salt.CopyTo(body);
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(SaltBytes), RecordSize);
        body[SaltBytes + sizeof(uint)] = CurvePoint.PublicBytes;
        senderPoint.CopyTo(body.AsSpan(HeaderBytes - CurvePoint.PublicBytes));

        var record = body.AsSpan(HeaderBytes, message.Length + DelimiterBytes);
        message.CopyTo(record);
        record[^1] = LastRecord;
        using (var cipher = new AesGcm(key, TagBytes))
        {
            cipher.Encrypt(nonce, record, record, body.AsSpan(body.Length - TagBytes));
        }

        CryptographicOperations.ZeroMemory(shared);
        CryptographicOperations.ZeroMemory(secret);
        CryptographicOperations.ZeroMemory(key);
        return body;
    }
}
