using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Functions.Http;

/// <summary>
/// <c>Idempotency-Key</c>: the same key and body gets the first response again for 24 hours. The response is stored in the
/// transaction of what it changed, so there is never one without the other; a repeat that overtakes waits for the first.
/// </summary>
public sealed class IdempotentRequests(UnitOfWork work, Caller caller, TimeProvider clock)
{
    /// <summary>The request header.</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>The response header of a repeated response.</summary>
    public const string ReplayedHeader = "Idempotency-Replayed";

    private const string NoHeaders = "{}";
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);
    private const string SetCookie = "Set-Cookie";
    private static readonly string[] KeptHeaders = ["Cache-Control", "Content-Type", "ETag", "Location", SetCookie];

    /// <summary>Acts on the caller's request and keeps the response, or repeats the response that was kept.</summary>
    /// <exception cref="ProblemException">400: the key is malformed; 422: it came with another request before.</exception>
    public async Task<IResult> Once(HttpRequest request, Func<Task<IResult>> act, CancellationToken ct) =>
        ReadKey(request) is { } key
            ? await Once(request, act, key, caller.UserId.ToByteArray(bigEndian: true), await Digest(request, ct), seal: null, ct)
            : await act();

    /// <summary>
    /// Acts once on a request that nobody is signed in for, and whose response holds tokens: the response is kept sealed, and
    /// only the same request opens it.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="subject">Whom it is about; another subject's keys are other keys.</param>
    /// <param name="act">Acts; may sign the caller in, whose response it then is.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ProblemException">400: the key is malformed; 422: it came with another request before.</exception>
    public async Task<IResult> OnceSealed(HttpRequest request, string subject, Func<Task<IResult>> act, CancellationToken ct)
    {
        if (ReadKey(request) is not { } key)
        {
            return await act();
        }

        // In the cookie's mode the response is another one, and the body of a refresh lacks the token, which is the subject then.
        var inCookie = request.Headers.ContainsKey(SessionCookies.Header);
        var scope = SHA256.HashData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path} {subject}{(inCookie ? " in a cookie" : "")}"));
        var body = await request.ReadBody(ct);
        var (digest, seal) = ResponseSeal.Derive(inCookie ? [.. body.Span, .. Encoding.UTF8.GetBytes(subject)] : body.Span, scope, key);
        using (seal)
        {
            // The key is not stored: of a new personal token all else of the request can be read in the database.
            return await Once(request, act, Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key))), scope, digest, seal, ct);
        }
    }

    /// <summary>Deletes the responses whose time is over.</summary>
    /// <returns>How many.</returns>
    public Task<int> Prune(DateTimeOffset now, CancellationToken ct)
    {
        var oldest = now - Kept;
        return work.Db.IdempotentResponses.Where(answer => answer.CreatedAt < oldest).ExecuteDeleteAsync(ct);
    }

    private static string? ReadKey(HttpRequest request) =>
        !request.Headers.TryGetValue(Header, out var header) ? null
        : header.Count == 1 && header[0] is { Length: >= 1 and <= 255 } text && text.All(character => character is > ' ' and <= '~') ? text
        : throw Problem.Invalid(Header, "must be 1 to 255 printable ASCII characters without spaces").AsException();

    private Task<IResult> Once(
        HttpRequest request, Func<Task<IResult>> act, string key, byte[] scope, byte[] digest, ResponseSeal? seal, CancellationToken ct) => work.Run<IResult>(async () =>
    {
        var now = clock.GetUtcNow();
        var user = caller.IsSignedIn ? caller.UserId : (Guid?)null;
        await work.Begin(ct);
        var mine = await work.Db.Database.ExecuteSqlAsync(
            $"""
            insert into idempotent_response as kept (scope, key, request_digest, user_id, status, headers, body, created_at)
            values ({scope}, {key}, {digest}, {user}, 0, {NoHeaders}::jsonb, ''::bytea, {now})
            on conflict (scope, key) do update
                set request_digest = excluded.request_digest, created_at = excluded.created_at
                where kept.created_at < {now - Kept}
            """,
            ct);
        if (mine == 0)
        {
            var kept = await work.Db.IdempotentResponses.AsNoTracking().SingleAsync(answer => answer.Scope == scope && answer.Key == key, ct);
            return CryptographicOperations.FixedTimeEquals(kept.RequestDigest, digest)
                ? new StoredResponse(kept.Status, Opened(kept.Headers, seal), seal?.Open(kept.Body) ?? kept.Body, replayed: true)
                : throw new Problem(422, "idempotency_key_reused", $"This {Header} came with another request before.").AsException();
        }

        var (status, headers, body) = await Capture(await act(), request.HttpContext);
        work.Execute(new NpgsqlBatchCommand("update idempotent_response set user_id = $3, status = $4, headers = $5, body = $6 where scope = $1 and key = $2")
        {
            Parameters =
            {
                new NpgsqlParameter<byte[]> { TypedValue = scope },
                new NpgsqlParameter<string> { TypedValue = key },
                new NpgsqlParameter { Value = caller.IsSignedIn ? caller.UserId : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
                new NpgsqlParameter<short> { TypedValue = status },
                new NpgsqlParameter<string> { TypedValue = Closed(headers, seal), NpgsqlDbType = NpgsqlDbType.Jsonb },
                new NpgsqlParameter<byte[]> { TypedValue = seal?.Close(body) ?? body },
            },
        });
        return new StoredResponse(status, headers, body, replayed: false);
    }, ct);

    // A cookie holds a token, so it is sealed as the body is.
    private static string Closed(Dictionary<string, string> headers, ResponseSeal? seal) =>
        JsonSerializer.Serialize(headers.ToDictionary(header => header.Key, header => header.Key == SetCookie
            ? Convert.ToBase64String(seal!.Close(Encoding.ASCII.GetBytes(header.Value)))
            : header.Value));

    private static Dictionary<string, string> Opened(string headers, ResponseSeal? seal)
    {
        var opened = JsonSerializer.Deserialize<Dictionary<string, string>>(headers)!;
        if (opened.TryGetValue(SetCookie, out var cookie))
        {
            opened[SetCookie] = Encoding.ASCII.GetString(seal!.Open(Convert.FromBase64String(cookie)));
        }

        return opened;
    }

    private static async Task<byte[]> Digest(HttpRequest request, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path} "));
        hash.AppendData((await request.ReadBody(ct)).Span);
        return hash.GetHashAndReset();
    }

    private static async Task<(short Status, Dictionary<string, string> Headers, byte[] Body)> Capture(IResult result, HttpContext context)
    {
        using var body = new MemoryStream();
        var captured = new DefaultHttpContext { RequestServices = context.RequestServices, RequestAborted = context.RequestAborted };
        captured.Response.Body = body;
        await result.ExecuteAsync(captured);
        await captured.Response.BodyWriter.FlushAsync(context.RequestAborted);
        var headers = KeptHeaders
            .Where(captured.Response.Headers.ContainsKey)
            .ToDictionary(name => name, name => captured.Response.Headers[name].ToString());
        return ((short)captured.Response.StatusCode, headers, body.ToArray());
    }

    private sealed class StoredResponse(short status, Dictionary<string, string> headers, byte[] body, bool replayed) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            foreach (var (name, value) in headers)
            {
                httpContext.Response.Headers[name] = value;
            }

            if (replayed)
            {
                httpContext.Response.Headers[ReplayedHeader] = "true";
            }

            if (body.Length > 0)
            {
                await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
            }
        }
    }
}
