using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace TodoFlow.Tests.Support;

/// <summary>An OpenID Connect issuer as far as validating its tokens goes: it publishes its name and its public keys.</summary>
public sealed class TestIssuer : IAsyncLifetime
{
    public const string Audience = "https://todoflow.example.com";

    private readonly ConcurrentDictionary<string, AsymmetricSecurityKey> _keys = new();
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private WebApplication? _server;

    /// <summary>Its address and its name.</summary>
    public string Name => _server!.Urls.First();

    public async Task InitializeAsync()
    {
        AddKey("rsa");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.MapGet("/.well-known/openid-configuration", () => new { issuer = Name, jwks_uri = $"{Name}/keys" });
        _server.MapGet("/keys", () => Results.Text($$"""{"keys": [{{string.Join(", ", _keys.Select(key => Publish(key.Key, key.Value)))}}]}""", "application/json"));
        await _server.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _server!.StopAsync();
        await _server.DisposeAsync();
    }

    /// <summary>Publishes one more RSA key.</summary>
    public void AddKey(string id) => _keys[id] = new RsaSecurityKey(RSA.Create(2048)) { KeyId = id };

    /// <summary>Publishes an elliptic curve key.</summary>
    public void AddCurveKey(string id) => _keys[id] = new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = id };

    /// <summary>The public half of a key as bytes that somebody could abuse as an HMAC secret.</summary>
    public byte[] PublicKey(string id) => ((RsaSecurityKey)_keys[id]).Rsa.ExportSubjectPublicKeyInfo();

    /// <summary>A token that is right unless a test makes it wrong.</summary>
    public string Token(
        string subject, DateTimeOffset now, string key = "rsa", string algorithm = SecurityAlgorithms.RsaSha256, string? issuer = null,
        string? audience = null, SecurityKey? signWith = null, params (string Name, object Value)[] claims) =>
        _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? Name,
            Audience = audience ?? Audience,
            IssuedAt = now.UtcDateTime,
            Expires = now.UtcDateTime.AddMinutes(5),
            Claims = claims.Append(("sub", subject)).ToDictionary(claim => claim.Item1, claim => claim.Item2),
            SigningCredentials = new(signWith ?? _keys[key], algorithm),
        });

    private static string Publish(string id, AsymmetricSecurityKey key)
    {
        if (key is RsaSecurityKey { Rsa: var rsa })
        {
            var parameters = rsa.ExportParameters(includePrivateParameters: false);
            return $$"""{"kty": "RSA", "use": "sig", "kid": "{{id}}", "n": "{{Encode(parameters.Modulus)}}", "e": "{{Encode(parameters.Exponent)}}"}""";
        }

        var point = ((ECDsaSecurityKey)key).ECDsa.ExportParameters(includePrivateParameters: false).Q;
        return $$"""{"kty": "EC", "crv": "P-256", "use": "sig", "kid": "{{id}}", "x": "{{Encode(point.X)}}", "y": "{{Encode(point.Y)}}"}""";
    }

    private static string Encode(byte[]? bytes) => Base64UrlEncoder.Encode(bytes);
}
