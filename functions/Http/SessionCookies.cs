using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;
using SameSiteMode = Microsoft.Net.Http.Headers.SameSiteMode;

namespace TodoFlow.Functions.Http;

/// <summary>
/// Where a page of this origin keeps its refresh token: in a cookie that no script can read. The page asks for it with the header
/// <c>X-TodoFlow-Session: cookie</c>; without it the cookie is neither read nor written.
/// </summary>
/// <remarks>
/// Another site's page (CSRF) cannot use it: the cookie is <c>SameSite=Strict</c>; the header needs a preflight, which allows no cookies to
/// anybody; and the browser says which site asks.
/// </remarks>
public sealed class SessionCookies(IOptions<AuthSettings> settings)
{
    /// <summary>The request header.</summary>
    public const string Header = "X-TodoFlow-Session";

    /// <summary>The cookie's name.</summary>
    public const string Cookie = "todoflow_refresh";

    private const string Value = "cookie";

    /// <summary>Whether the request asks for the cookie.</summary>
    /// <exception cref="ProblemException">400: the header has another value; 403 <c>cross_origin</c>: a page of another origin asks.</exception>
    public static bool IsAsked(HttpRequest request)
    {
        if (request.Headers[Header] is { Count: > 0 } asked)
        {
            if (asked is not [Value])
            {
                throw Problem.Invalid(Header, $"must be {Value}").AsException();
            }

            return IsSameOrigin(request)
                ? true
                : throw new Problem(403, "cross_origin", "Only pages of this origin sign in with a cookie. Use the tokens of the response's body.").AsException();
        }

        return false;
    }

    /// <summary>The refresh token of the cookie; null where there is none.</summary>
    public static string? Find(HttpRequest request) => request.Cookies[Cookie] is { Length: > 0 and <= RefreshTokenLength } token ? token : null;

    /// <summary>200, or 201, with tokens: with all of them in the body, or with the refresh token in the cookie.</summary>
    /// <param name="request">The request.</param>
    /// <param name="tokens">The tokens.</param>
    /// <param name="inCookie">What <see cref="IsAsked"/> said, before anything was done.</param>
    /// <param name="created">Whether it is 201.</param>
    public IResult Respond(HttpRequest request, TokenResponse tokens, bool inCookie, bool created = false)
    {
        var body = inCookie ? tokens with { RefreshToken = null } : tokens;
        IResult result = created ? TypedResults.Created((string?)null, body) : TypedResults.Ok(body);
        result = result.NotStored();
        return inCookie ? result.WithCookie(Written(request, tokens.RefreshToken!, settings.Value.RefreshTokenLifetime)) : result;
    }

    /// <summary>204, and the browser forgets the cookie.</summary>
    public static IResult Forget(HttpRequest request) => TypedResults.NoContent().WithCookie(Written(request, "", TimeSpan.Zero));

    /// <summary>The longest refresh token that is read, in characters.</summary>
    public const int RefreshTokenLength = 200;

    private static string Written(HttpRequest request, string token, TimeSpan lifetime) => new SetCookieHeaderValue(Cookie, token)
    {
        Path = "/api/auth",
        MaxAge = lifetime,
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = IsHttps(request),
    }.ToString();

    // Behind a proxy that ends TLS, the browser or the proxy says it. Who lies about it alters their own cookie only.
    private static bool IsHttps(HttpRequest request) =>
        request.IsHttps
        || request.Headers.Origin is [{ } origin] && origin.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
        || request.Headers["X-Forwarded-Proto"] is [{ } scheme] && scheme.Equals("https", StringComparison.OrdinalIgnoreCase);

    // Of a page's scripts neither header can be set. Sec-Fetch-Site goes first: it is true also behind a proxy that renames the host.
    private static bool IsSameOrigin(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site ? site is ["same-origin"]
        : request.Headers.Origin is not { Count: > 0 } origin
            || origin is [{ } only] && Uri.TryCreate(only, UriKind.Absolute, out var address) && address.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase);
}
