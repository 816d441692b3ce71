using System.Text;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>How callers prove who they are: with tokens signed here, with those of an external issuer, or with either.</summary>
public sealed class AuthSettings : ISettings
{
    /// <summary>The fewest iterations of PBKDF2 with HMAC-SHA-512 that are accepted: the framework's own default.</summary>
    public const int FewestPasswordIterations = 100_000;

    private static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(3650);

    /// <inheritdoc/>
    public static string Section => "Auth";

    /// <summary>The keys of tokens signed here (HS256). The first signs, all of them verify.</summary>
    public IList<SigningKeySettings> SigningKeys { get; } = [];

    /// <summary>The external issuer, whose <c>.well-known/openid-configuration</c> names its keys; null where there is none.</summary>
    public Uri? Authority { get; set; }

    /// <summary>The audience that tokens must name. Needed with <see cref="Authority"/>; otherwise <c>todoflow</c>.</summary>
    public string? Audience { get; set; }

    /// <summary>How long an access token signed here serves.</summary>
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a refresh token serves, from when it was given out: each exchange begins anew.</summary>
    public TimeSpan RefreshTokenLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>For how long after its exchange a refresh token gets the same successor again, for tabs that exchange it at once; zero for never.</summary>
    public TimeSpan RefreshGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>For how long it is remembered that a session goes on: so long another process may still serve an access token whose session has ended.</summary>
    public TimeSpan SessionCheckInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Iterations of PBKDF2 with HMAC-SHA-512 over a password; the default is OWASP's advice. More are applied at the next login.</summary>
    public int PasswordIterations { get; set; } = 210_000;

    /// <inheritdoc/>
    public IEnumerable<string> Check()
    {
        if (SigningKeys.Count == 0 && Authority is null)
        {
            yield return "Auth:SigningKeys:0:Key is not set: it must hold at least 32 bytes, as base64 or text (or set Auth:Authority).";
        }

        for (var i = 0; i < SigningKeys.Count; i++)
        {
            var (id, key) = (SigningKeys[i].Id, SigningKeys[i].Key);
            if (string.IsNullOrWhiteSpace(id))
            {
                yield return $"Auth:SigningKeys:{i}:Id is not set.";
            }
            else if (SigningKeys.Take(i).Any(other => other.Id == id))
            {
                yield return $"Auth:SigningKeys:{i}:Id is the same as that of another key.";
            }

            if (SigningKeys[i].Bytes().Length < SigningKeySettings.FewestBytes)
            {
                yield return $"Auth:SigningKeys:{i}:Key {(string.IsNullOrEmpty(key) ? "is not set" : "is too short")}: "
                    + $"it must hold at least {SigningKeySettings.FewestBytes} bytes, as base64 or text.";
            }
        }

        if (Authority is { } authority)
        {
            if (!authority.IsAbsoluteUri || (authority.Scheme != Uri.UriSchemeHttps && !(authority.Scheme == Uri.UriSchemeHttp && authority.IsLoopback)))
            {
                yield return "Auth:Authority must be an https address (http only on the loopback address).";
            }

            if (string.IsNullOrWhiteSpace(Audience))
            {
                yield return "Auth:Audience is not set: it is needed with Auth:Authority.";
            }
        }

        if (AccessTokenLifetime < TimeSpan.FromSeconds(1) || AccessTokenLifetime > LongestLifetime)
        {
            yield return "Auth:AccessTokenLifetime must be between one second and ten years, such as 00:15:00.";
        }

        if (RefreshTokenLifetime < TimeSpan.FromSeconds(1) || RefreshTokenLifetime > LongestLifetime)
        {
            yield return "Auth:RefreshTokenLifetime must be between one second and ten years, such as 30.00:00:00.";
        }

        if (RefreshGrace < TimeSpan.Zero || RefreshGrace > TimeSpan.FromMinutes(1))
        {
            yield return "Auth:RefreshGrace must be between zero and one minute, such as 00:00:10.";
        }

        if (SessionCheckInterval < TimeSpan.FromSeconds(1) || SessionCheckInterval > TimeSpan.FromMinutes(5))
        {
            yield return "Auth:SessionCheckInterval must be between one second and five minutes, such as 00:00:05.";
        }

        if (PasswordIterations < FewestPasswordIterations)
        {
            yield return $"Auth:PasswordIterations must be at least {FewestPasswordIterations}.";
        }
    }
}

/// <summary>A key that signs and verifies access tokens.</summary>
public sealed class SigningKeySettings
{
    /// <summary>HS256 takes no shorter key (RFC 7518 section 3.2).</summary>
    public const int FewestBytes = 32;

    /// <summary>Its name, the <c>kid</c> of its tokens.</summary>
    public string? Id { get; set; }

    /// <summary>The secret: base64 of at least 32 bytes, or else text of that length.</summary>
    public string? Key { get; set; }

    /// <summary>The secret's bytes.</summary>
    public byte[] Bytes()
    {
        var decoded = new byte[Key?.Length ?? 0];
        return Convert.TryFromBase64String(Key ?? "", decoded, out var length) && length >= FewestBytes
            ? decoded[..length]
            : Encoding.UTF8.GetBytes(Key ?? "");
    }
}
