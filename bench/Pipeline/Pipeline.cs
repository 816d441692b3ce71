using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using TodoFlow.Bench.Reports;

namespace TodoFlow.Bench.Pipeline;

/// <summary>Sends events through a database's pipeline, and sees when they take effect.</summary>
public sealed class Pipeline
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly string _database;
    private readonly Guid _user = Guid.CreateVersion7();

    private Pipeline(string database) => _database = database;

    /// <summary>Adds a user, and lets the database tell when rows of the audit trail are committed.</summary>
    public static async Task<Pipeline> Over(string database)
    {
        var pipeline = new Pipeline(database);
        await BenchDatabase.Execute(
            database,
            $"""
            insert into app_user (id, email, normalized_email, password_hash, time_zone, created_at) values ('{pipeline._user}', 'pipeline@bench', 'PIPELINE@BENCH', '', 'UTC', now());
            -- A notification is sent when its transaction has committed: it is the effect's own moment.
            create function tell_effects() returns trigger language plpgsql as $$
                begin perform pg_notify('bench_effects', string_agg(task_id::text, ',')) from added; return null; end $$;
            create trigger tell_effects after insert on audit_entry referencing new table as added for each statement execute function tell_effects();
            """);
        return pipeline;
    }

    /// <summary>Creates tasks at a rate, and waits until the last of them has taken effect.</summary>
    public async Task<RateResult> Create(BenchHost host, int rate, int seconds)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = host.Server.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", BenchHost.TokenOf(_user));
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
        var started = clock.GetTimestamp();
        var requests = new List<Task>(count);
        for (var i = 0; i < count; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / rate) - clock.GetElapsedTime(started);
            if (due > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(due);
            }

            requests.Add(Send());
        }

        await Task.WhenAll(requests);
        await done.Task.WaitAsync(Longest);
        var took = clock.GetElapsedTime(started, effects.Values.Max());
        await stop.CancelAsync();
        await listening;
        var times = sent.Select(one => clock.GetElapsedTime(one.Value, effects[one.Key]).TotalMilliseconds).ToList();
        return new(
            rate, count / took.TotalSeconds, answered.Median(), answered.Percentile(99), times.Median(), times.Percentile(95), times.Percentile(99), times.Max());

        async Task Send()
        {
            await Task.Yield();
            var id = Guid.CreateVersion7();
            var at = clock.GetTimestamp();
            using var response = await http.PostAsJsonAsync("/api/tasks", new JsonObject { ["id"] = id, ["title"] = "Water the plants", ["due_date"] = "2026-12-01" });
            response.EnsureSuccessStatusCode();
            answered.Add(clock.GetElapsedTime(at).TotalMilliseconds);
            sent[id] = at;
        }
    }

    /// <summary>Adds events to the outbox as tasks that were created while no host ran.</summary>
    public async Task Announce(int tasks)
    {
        // Copies of events that the host announced, each under a new id and about a task of its own.
        await using var source = NpgsqlDataSource.Create(_database);
        await using var command = source.CreateCommand(
            """
            with kind as (select distinct on (topic) topic, event_id, key, payload from outbox order by topic, position),
            task as (select gen_random_uuid() as id from generate_series(1, $1)),
            copy as (select gen_random_uuid() as event_id, task.id, kind.topic, kind.event_id as old_event, kind.key as old_key, kind.payload from task cross join kind where kind.topic like 'task-%')
            insert into outbox (event_id, topic, key, lane, payload, created_at)
            select event_id, topic, id::text, get_byte(uuid_send(id), 15) % 8,
                convert_to(replace(replace(convert_from(payload, 'UTF8'), old_event::text, event_id::text), old_key, id::text), 'UTF8'), now()
            from copy
            """);
        command.CommandTimeout = 0;
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = tasks });
        await command.ExecuteNonQueryAsync();
        await BenchDatabase.Execute(_database, "drop trigger tell_effects on audit_entry; vacuum analyze outbox; checkpoint");
    }

    /// <summary>Starts a host, and sees how fast it works off what waits.</summary>
    public async Task<CatchUpResult> CatchUp((string Name, string Value)[] settings, int tasks)
    {
        var clock = TimeProvider.System;
        await using var source = NpgsqlDataSource.Create(_database);
        var before = await Count(source, "select count(*) from audit_entry");
        var started = clock.GetTimestamp();
        await using var host = await BenchHost.StartOn(_database, settings);
        TimeSpan? published = null;
        while (await Count(source, "select count(*) from audit_entry") - before < tasks)
        {
            published ??= await Count(source, "select count(*) from (select from outbox where published_at is null limit 1) left_over") == 0 ? clock.GetElapsedTime(started) : null;
            if (clock.GetElapsedTime(started) > Longest)
            {
                throw new TimeoutException("The consumers do not catch up.");
            }

            await Task.Delay(50);
        }

        var took = clock.GetElapsedTime(started);
        return new(tasks, 2 * tasks / (published ?? took).TotalSeconds, tasks / took.TotalSeconds, took.TotalSeconds);
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

    private static async Task<long> Count(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
