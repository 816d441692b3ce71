using System.Threading.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Models;

namespace TodoFlow.Functions.Middleware;

/// <summary>
/// Limits how many requests are worked on at once: of a user, of a user's searches, exports and imports, of an address' passwords, and of all together. What is
/// beyond waits for its turn, first come first served; what finds too many waiting is refused, with 429 where they are its own and with
/// 503 where they are everybody's.
/// </summary>
/// <remarks>
/// A request waits for its user's turn before it waits for everybody's, so whoever sends thousands holds and waits for no more than a
/// user's share of the process. Who is alone has a larger share: there is nobody to wait for it. Health, metrics and the documentation wait for nobody. Addresses that gave a wrong password within the
/// last minutes wait for each other before they wait with everybody: whoever signs in waits for one of them, not for all that guess.
/// </remarks>
public sealed class ConcurrencyMiddleware : IFunctionsWorkerMiddleware, IDisposable
{
    /// <summary>The policy of the functions that search.</summary>
    public const string Searches = "searches";

    /// <summary>The policy of the functions that export or import all that a user has: one at a time.</summary>
    public const string Transfers = "transfers";

    /// <summary>The policy of the functions that wait for a language model, where there is one: they take no place among the requests that work here.</summary>
    public const string Chats = "chats";

    private const int ChatsPerUser = 4;

    private static readonly Problem TooMany =
        new(429, "too_many_at_once", "Too many of your requests are under way: wait for their responses before you send more.") { RetryAfter = TimeSpan.FromSeconds(1) };

    private static readonly Problem Overloaded =
        new(503, "overloaded", "Too many requests are under way here. Nothing was changed; try again.") { RetryAfter = TimeSpan.FromSeconds(2) };

    private readonly PartitionedRateLimiter<Guid> _users;
    private readonly PartitionedRateLimiter<Guid> _usersAlone;
    private readonly SearchTurns _searches;
    private readonly RecentUsers _recent;
    private readonly PartitionedRateLimiter<Guid> _transfers;
    private readonly PartitionedRateLimiter<Guid> _userChats;
    private readonly PartitionedRateLimiter<string> _addresses;
    private readonly ConcurrencyLimiter _guessing;
    private readonly ConcurrencyLimiter _passwords;
    private readonly ConcurrencyLimiter _chats;
    private readonly bool _chatsWait;
    private readonly WrongPasswords _wrong;
    private readonly ConcurrencyLimiter _all;

    /// <summary>Takes the limits from the settings.</summary>
    public ConcurrencyMiddleware(IOptions<ConcurrencySettings> settings, IOptions<ChatSettings> chat, NpgsqlDataSource database, SearchTurns searches, RecentUsers recent, TimeProvider clock)
    {
        var limits = settings.Value;
        _users = Each<Guid>(limits.RequestsPerUser, limits.QueuedPerUser);
        _searches = searches;
        _usersAlone = Each<Guid>(limits.RequestsAlone, limits.QueuedPerUser);
        _recent = recent;
        _transfers = Each<Guid>(1, limits.QueuedPerUser);
        _chatsWait = chat.Value.HasModel;
        _userChats = Each<Guid>(ChatsPerUser, limits.QueuedPerUser);
        _chats = new(Options(limits.Chats, limits.Queued));
        _addresses = Each<string>(1, limits.QueuedPerUser);
        _wrong = new(clock);
        _guessing = new(Options(1, limits.Queued));
        _passwords = new(Options(Math.Max(1, Environment.ProcessorCount / 2), limits.Queued)); // a password takes a core for a tenth of a second
        // Each takes one, as a rule; where PostgreSQL is the transport, consumers hold their places with some of the others.
        var connections = new NpgsqlConnectionStringBuilder(database.ConnectionString).MaxPoolSize;
        _all = new(Options(Math.Min(limits.Requests, Math.Max(1, connections * 6 / 7)), limits.Queued));
    }

    /// <inheritdoc/>
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is not { } http)
        {
            await next(context);
            return;
        }

        var caller = context.InstanceServices.GetRequiredService<Caller>();
        var (policy, ct) = (FunctionRules.Of(context.FunctionDefinition).RateLimit, http.RequestAborted);
        if (policy == RateLimitMiddleware.Passwords)
        {
            var address = caller.Address!; // RateLimitMiddleware found it
            using var mine = Mine(await _addresses.AcquireAsync(address, 1, ct));
            using var guess = _wrong.HasLately(address) ? Everybodys(await _guessing.AcquireAsync(1, ct)) : null;
            using var one = Everybodys(await _passwords.AcquireAsync(1, ct));
            using var any = Everybodys(await _all.AcquireAsync(1, ct));
            await _wrong.Watch(address, next(context));
        }
        else if (policy == RateLimitMiddleware.SignIns)
        {
            using var any = Everybodys(await _all.AcquireAsync(1, ct));
            await next(context);
        }
        else if (policy == Chats && _chatsWait)
        {
            using var mine = Mine(await _userChats.AcquireAsync(caller.UserId, 1, ct));
            using var any = Everybodys(await _chats.AcquireAsync(1, ct));
            await next(context);
        }
        else if (caller is { IsSignedIn: true, UserId: var user })
        {
            using var mine = policy switch
            {
                Searches => await _searches.Wait(user, ct),
                Transfers => Mine(await _transfers.AcquireAsync(user, 1, ct)),
                _ => Mine(await (_recent.IsAlone(user) ? _usersAlone : _users).AcquireAsync(user, 1, ct)),
            };
            using var any = Everybodys(await _all.AcquireAsync(1, ct));
            await next(context);
        }
        else
        {
            await next(context);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _users.Dispose();
        _usersAlone.Dispose();
        _transfers.Dispose();
        _userChats.Dispose();
        _chats.Dispose();
        _addresses.Dispose();
        _guessing.Dispose();
        _passwords.Dispose();
        _all.Dispose();
    }

    internal static RateLimitLease Mine(RateLimitLease lease) => lease.IsAcquired ? lease : throw TooMany.AsException();

    private static RateLimitLease Everybodys(RateLimitLease lease) => lease.IsAcquired ? lease : throw Overloaded.AsException();

    internal static PartitionedRateLimiter<T> Each<T>(int permits, int queued)
        where T : notnull =>
        PartitionedRateLimiter.Create<T, T>(key => RateLimitPartition.GetConcurrencyLimiter(key, _ => Options(permits, queued)));

    private static ConcurrencyLimiterOptions Options(int permits, int queued) =>
        new() { PermitLimit = permits, QueueLimit = queued, QueueProcessingOrder = QueueProcessingOrder.OldestFirst };
}
