using System.Buffers.Text;
using System.Security.Cryptography;

namespace TodoFlow.Infrastructure.Notifications.WebPush;

/// <summary>Keys on the curve P-256 as Web Push writes them: base64url without padding, a point uncompressed (X9.62).</summary>
internal static class CurvePoint
{
    /// <summary>The length of a public key: 4, then both coordinates.</summary>
    public const int PublicBytes = 1 + (2 * PrivateBytes);

    /// <summary>The length of a private key.</summary>
    public const int PrivateBytes = 32;

    private const byte Uncompressed = 4;

    /// <summary>The bytes of a base64url text; null where it is none.</summary>
    public static byte[]? Decode(string? text) =>
        !string.IsNullOrEmpty(text) && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;

    /// <summary>The point that bytes stand for.</summary>
    /// <exception cref="CryptographicException">They are no point of the curve.</exception>
    public static ECPoint Read(ReadOnlySpan<byte> bytes) => bytes.Length == PublicBytes && bytes[0] == Uncompressed
        ? new ECPoint { X = bytes[1..(1 + PrivateBytes)].ToArray(), Y = bytes[(1 + PrivateBytes)..].ToArray() }
        : throw new CryptographicException("This is no uncompressed point of P-256.");

    /// <summary>Whether bytes are a point of the curve, so that a secret may be agreed on with it.</summary>
    public static bool IsValid(ReadOnlySpan<byte> bytes)
    {
        try
        {
            using var key = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = Read(bytes) });
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>The bytes of a point.</summary>
    public static byte[] Write(ECPoint point) => [Uncompressed, .. point.X!, .. point.Y!];
}
