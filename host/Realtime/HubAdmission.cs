using System.Net.Http.Headers;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Host.Lifetime;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Realtime;

namespace TodoFlow.Host.Realtime;

/// <summary>
/// Lets requests to the hub in. The token comes in the header <c>Authorization</c>, or as <c>access_token</c> in the query: a browser
/// cannot send headers with a WebSocket. No cookie is ever looked at, so a page of another origin has nothing to ride on, and the
/// origin of a request does not matter.
/// </summary>
internal sealed class HubAdmission(HubTokens tokens, LiveSessions sessions, Devices devices, HubGate gate, Drain drain, IOptions<RealtimeSettings> settings, TimeProvider clock)
{
    private const string TokenParameter = "access_token";
    private static readonly TimeSpan GatePatience = TimeSpan.FromSeconds(10);

    /// <summary>Answers a request that may not come in; otherwise says who it is, and passes it on.</summary>
    public async Task Admit(HttpContext http, RequestDelegate next)
    {
        try
        {
            if (drain.Begun.IsCancellationRequested)
            {
                throw new Problem(503, "stopping", "This instance is stopping. Connect again.") { RetryAfter = TimeSpan.FromSeconds(1) }.AsException();
            }

            var subject = await tokens.Validate(TakeToken(http.Request));
            await RequireLive(subject, http.RequestAborted);
            if (devices.IsFull(subject.UserId.ToString()))
            {
                throw new Problem(429, "too_many_connections", $"{settings.Value.ConnectionsPerUser} connections of this user are open already.")
                {
                    RetryAfter = TimeSpan.FromMinutes(1),
                }.AsException();
            }

            await WaitForGate(http.RequestAborted);
            SignIn(http, subject);
        }
        catch (ProblemException refused)
        {
            await http.WriteProblem(refused.Problem);
            return;
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        await next(http);
    }

    // The rest of the request is handled without it: whatever looks at the address, or writes it down, does not see it.
    private static string TakeToken(HttpRequest request)
    {
        var inQuery = request.Query[TokenParameter];
        if (inQuery.Count > 0)
        {
            var others = request.Query.Where(parameter => !parameter.Key.Equals(TokenParameter, StringComparison.OrdinalIgnoreCase));
            request.QueryString = new QueryBuilder(others).ToQueryString();
        }

        var token = request.Headers.Authorization is [{ } header]
            && AuthenticationHeaderValue.TryParse(header, out var sent)
            && sent.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)
                ? sent.Parameter
                : inQuery is [var only] ? only : null;
        return token is { Length: > 0 }
            ? token
            : throw new Problem(401, "unauthenticated", "Negotiate at /api/notifications/negotiate, and connect with the token of its response.").AsException();
    }

    private async Task WaitForGate(CancellationToken ct)
    {
        try
        {
            await gate.Opened.WaitAsync(GatePatience, clock, ct);
        }
        catch (TimeoutException)
        {
            throw new Problem(503, "realtime_starting", "This instance does not read what happens yet. Try again.")
            {
                RetryAfter = TimeSpan.FromSeconds(5),
            }.AsException();
        }
    }

    private async Task RequireLive(AccessTokenSubject subject, CancellationToken ct)
    {
        try
        {
            await sessions.RequireNow(subject, ct);
        }
        catch (NpgsqlException)
        {
            throw new Problem(503, "database_unavailable", "The database cannot be reached. Try again.") { RetryAfter = TimeSpan.FromSeconds(2) }.AsException();
        }
    }

    private void SignIn(HttpContext http, AccessTokenSubject subject)
    {
        http.User = new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, subject.UserId.ToString())], authenticationType: "HubToken"));
        http.Features.Set(subject);

        // When SignalR closes the connection (CloseOnAuthenticationExpiration).
        var properties = new AuthenticationProperties { ExpiresUtc = clock.GetUtcNow() + settings.Value.ConnectionLifetime };
        http.Features.Set<IAuthenticateResultFeature>(new Expiry { AuthenticateResult = AuthenticateResult.Success(new(http.User, properties, "HubToken")) });
    }

    private sealed class Expiry : IAuthenticateResultFeature
    {
        public AuthenticateResult? AuthenticateResult { get; set; }
    }
}
