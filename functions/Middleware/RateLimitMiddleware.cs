using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Middleware;

/// <summary>
/// Limits the requests of a user in a second, and from an address to the functions marked
/// <c>[EnableRateLimiting(RateLimitMiddleware.SignIns)]</c> or <c>Passwords</c> in a minute; the rest is refused with 429. Tells in the headers
/// <c>RateLimit</c> and <c>RateLimit-Policy</c> (draft-ietf-httpapi-ratelimit-headers) how much is left.
/// </summary>
/// <remarks>Buckets that have been full for ten seconds are dropped, so their number follows the clients of the last minute.</remarks>
public sealed class RateLimitMiddleware : IFunctionsWorkerMiddleware, IDisposable
{
    /// <summary>The policy of the functions that sign in.</summary>
    public const string SignIns = "sign-ins";

    /// <summary>The policy of those of them that check or set a password; counted with the others.</summary>
    public const string Passwords = "passwords";

    private const string Requests = "requests";

    private readonly RateLimitSettings _settings;
    private readonly PartitionedRateLimiter<Guid> _users;
    private readonly PartitionedRateLimiter<IPAddress> _addresses;

    /// <summary>Takes the limits from the settings.</summary>
    public RateLimitMiddleware(IOptions<RateLimitSettings> settings)
    {
        _settings = settings.Value;
        _users = Buckets<Guid>(_settings.RequestsPerSecond, TimeSpan.FromSeconds(1));
        _addresses = Buckets<IPAddress>(_settings.SignInsPerMinute, TimeSpan.FromMinutes(1));
    }

    /// <inheritdoc/>
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is { } http)
        {
            if (FunctionRules.Of(context.FunctionDefinition).RateLimit is SignIns or Passwords)
            {
                var address = await ClientAddress.Of(context, http, _settings.TrustedProxies);
                context.InstanceServices.GetRequiredService<Caller>().Address = address.ToString();
                Take(_addresses, address, SignIns, _settings.SignInsPerMinute, 60, http.Response);
            }
            else if (context.InstanceServices.GetRequiredService<Caller>() is { IsSignedIn: true } caller)
            {
                Take(_users, caller.UserId, Requests, _settings.RequestsPerSecond, 1, http.Response);
            }
        }

        await next(context);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _users.Dispose();
        _addresses.Dispose();
    }

    // A bucket of one window's quota that fills up evenly over the window.
    private static PartitionedRateLimiter<T> Buckets<T>(int quota, TimeSpan window)
        where T : notnull
    {
        // The library looks after its buckets every 100 ms.
        var perPeriod = (int)Math.Max(1, Math.Ceiling(quota * 0.1 / window.TotalSeconds));
        return PartitionedRateLimiter.Create<T, T>(key => RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = quota,
            TokensPerPeriod = perPeriod,
            ReplenishmentPeriod = window * perPeriod / quota,
            QueueLimit = 0,
        }));
    }

    private static void Take<T>(PartitionedRateLimiter<T> buckets, T key, string policy, int quota, int window, HttpResponse response)
    {
        using var lease = buckets.AttemptAcquire(key);
        var left = buckets.GetStatistics(key)?.CurrentAvailablePermits ?? 0;
        var full = Math.Ceiling((quota - left) * (double)window / quota);
        response.Headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{policy}\";q={quota};w={window}");
        response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{policy}\";r={left};t={full}");
        if (!lease.IsAcquired)
        {
            throw new Problem(429, "rate_limited", "Too many requests: wait, then go on more slowly.")
            {
                RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1),
            }.AsException();
        }
    }
}
