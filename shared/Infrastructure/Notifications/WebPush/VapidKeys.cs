using System.Buffers.Text;
using System.Security.Cryptography;

namespace TodoFlow.Infrastructure.Notifications.WebPush;

/// <summary>The key pair by which push services know this server again (RFC 8292), as web-push tools write it: raw, base64url.</summary>
/// <param name="PublicKey">The uncompressed point: what browsers subscribe with.</param>
/// <param name="PrivateKey">The private key. Secret.</param>
public sealed record VapidKeys(string PublicKey, string PrivateKey)
{
    /// <summary>Makes a new pair.</summary>
    public static VapidKeys Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parameters = key.ExportParameters(includePrivateParameters: true);
        return new(Base64Url.EncodeToString(CurvePoint.Write(parameters.Q)), Base64Url.EncodeToString(parameters.D));
    }

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(VapidKeys)} {PublicKey}"; // so that no log holds the private key by accident

    /// <summary>What is wrong with the public key, reading on from its name; null where nothing is.</summary>
    internal string? PublicKeyError() =>
        CurvePoint.Decode(PublicKey) is not { Length: CurvePoint.PublicBytes } point ? $"must be {CurvePoint.PublicBytes} bytes in base64url"
        : !CurvePoint.IsValid(point) ? "is no point of the curve P-256"
        : null;

    /// <summary>What is wrong with the private key, reading on from its name; null where nothing is. The public key must be right.</summary>
    internal string? PrivateKeyError()
    {
        if (CurvePoint.Decode(PrivateKey) is not { Length: CurvePoint.PrivateBytes } secret)
        {
            return $"must be {CurvePoint.PrivateBytes} bytes in base64url";
        }

        try
        {
            using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = secret });
            var own = CurvePoint.Write(key.ExportParameters(includePrivateParameters: false).Q);
            return own.AsSpan().SequenceEqual(CurvePoint.Decode(PublicKey)) ? null : "does not belong to WebPush:PublicKey";
        }
        catch (CryptographicException)
        {
            return "is no private key of the curve P-256";
        }
    }

    /// <summary>The pair as a key that signs.</summary>
    internal ECDsa ToSigningKey() => ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = CurvePoint.Read(CurvePoint.Decode(PublicKey)),
        D = CurvePoint.Decode(PrivateKey),
    });
}
