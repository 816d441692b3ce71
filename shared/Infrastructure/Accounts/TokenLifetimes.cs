using Microsoft.IdentityModel.Tokens;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>Checks the lifetimes of tokens by our clock; the library's own check knows only the system's.</summary>
internal static class TokenLifetimes
{
    /// <summary>How far the clocks of the issuer and of this machine may be apart.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    /// <summary>The parameters, with every token needing an expiry and being checked against it.</summary>
    public static TokenValidationParameters Checked(TimeProvider clock, TokenValidationParameters parameters)
    {
        parameters.RequireExpirationTime = true;
        parameters.RequireSignedTokens = true;
        parameters.LifetimeValidator = (notBefore, expires, _, _) => Check(clock.GetUtcNow().UtcDateTime, notBefore, expires);
        return parameters;
    }

    private static bool Check(DateTime now, DateTime? notBefore, DateTime? expires)
    {
        if (expires is { } end && now >= Later(end))
        {
            throw new SecurityTokenExpiredException { Expires = end };
        }

        return expires is not null && (notBefore is not { } start || Later(now) >= start);
    }

    private static DateTime Later(DateTime time) => time < DateTime.MaxValue - ClockSkew ? time + ClockSkew : time;
}
