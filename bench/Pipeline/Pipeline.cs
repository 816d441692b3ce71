using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace TodoFlow.Bench.Pipeline;

/// <summary>Sends events through a database's pipeline, and sees when they take effect.</summary>
public sealed class Pipeline
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    // One user alone would be held to its own share of the requests.
    private const int Users = 100;

    private readonly string _database;
    private readonly IReadOnlyList<Guid> _users;

    private Pipeline(string database, IReadOnlyList<Guid> users) => (_database, _users) = (database, users);

    /// <summary>Adds users, and lets the database tell when rows of the audit trail are committed.</summary>
    public static async Task<Pipeline> Over(string database)
    {
        var users = await BenchDatabase.AddUsers(database, Users);
        await BenchDatabase.Execute(
            database,
            """
            -- A notification is sent when its transaction has committed: it is the effect's own moment.
            create function tell_effects() returns trigger language plpgsql as $$
                begin -- in parts: a notification may have 8,000 bytes
                    perform pg_notify('bench_effects', string_agg(task_id::text, ','))
                    from (select task_id, row_number() over () / 200 as part from added) as numbered group by part;
                    return null;
                end $$;
            create trigger tell_effects after insert on audit_entry referencing new table as added for each statement execute function tell_effects();
            """);
        return new Pipeline(database, users);
    }

    /// <summary>One of the users.</summary>
    public Guid User => _users[0];

    /// <summary>Creates tasks at a rate, at the hosts and for the users in turn, and waits until the last of them has taken effect.</summary>
    public async Task<RateRound> Create(IReadOnlyList<BenchHost> hosts, int rate, int seconds)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 });
        var tokens = _users.Select(user => new AuthenticationHeaderValue("Bearer", BenchHost.TokenOf(user))).ToList();
        var clock = TimeProvider.System;
        var (sent, answered, effects) = (new ConcurrentDictionary<Guid, long>(), new ConcurrentBag<double>(), new ConcurrentDictionary<Guid, long>());
        var count = rate * seconds;
        var done = new TaskCompletionSource();
        await using var source = NpgsqlDataSource.Create(_database);
        await using var listener = await source.OpenConnectionAsync();
        listener.Notification += (_, notification) =>
        {
            var now = clock.GetTimestamp();
            foreach (var task in notification.Payload.Split(','))
            {
                effects.TryAdd(Guid.Parse(task), now);
            }

            if (effects.Count >= count)
            {
                done.TrySetResult();
            }
        };
        await using (var listen = new NpgsqlCommand("listen bench_effects", listener))
        {
            await listen.ExecuteNonQueryAsync();
        }

        using var stop = new CancellationTokenSource();
        var listening = Listen(listener, stop.Token);
        try
        {
            var started = clock.GetTimestamp();
            var requests = new List<Task>(count);
            for (var i = 0; i < count; i++)
            {
                var due = TimeSpan.FromSeconds((double)i / rate) - clock.GetElapsedTime(started);
                if (due > TimeSpan.FromMilliseconds(1))
                {
                    await Task.Delay(due);
                }

                requests.Add(Send(hosts[i % hosts.Count].Server.Address, tokens[i % tokens.Count]));
            }

            await Task.WhenAll(requests);
            await done.Task.WaitAsync(Longest);
            var took = clock.GetElapsedTime(started, effects.Values.Max());
            return new(
                rate, count / took.TotalSeconds, [.. answered], [.. sent.Select(one => clock.GetElapsedTime(one.Value, effects[one.Key]).TotalMilliseconds)],
                [.. effects.Values], hosts.Count);
        }
        finally
        {
            await stop.CancelAsync();
            await listening;
        }

        async Task Send(Uri host, AuthenticationHeaderValue token)
        {
            await Task.Yield();
            var id = Guid.CreateVersion7();
            var at = clock.GetTimestamp();
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host, "/api/tasks"))
            {
                Content = JsonContent.Create(new JsonObject { ["id"] = id, ["title"] = "Water the plants", ["due_date"] = "2026-12-01" }),
                Headers = { Authorization = token },
            };
            using var response = await http.SendAsync(request);
            response.EnsureSuccessStatusCode();
            answered.Add(clock.GetElapsedTime(at).TotalMilliseconds);
            sent[id] = at;
        }
    }

    private static async Task Listen(NpgsqlConnection connection, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await connection.WaitAsync(stop);
            }
        }
        catch (OperationCanceledException)
        {
            // All effects are seen.
        }
    }
}
