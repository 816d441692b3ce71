using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Npgsql;
using TodoFlow.Infrastructure.Audit;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Recurrence;
using TodoFlow.Messaging.Outbox;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Pipeline;

/// <summary>Makes events that wait, and sees how fast they are worked off: by each part of the pipeline alone, and by a whole host.</summary>
public sealed class Backlog(string database, Guid user, (string Name, string Value)[] settings) : IAsyncDisposable
{
    private const int Clients = 16;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(database);

    /// <summary>Measures the relay and each consumer in a process of its own.</summary>
    /// <param name="count">How many tasks, completions and reminders: more than are worked off while code is still being compiled.</param>
    public async Task<List<SustainedResult>> Sustain(int count)
    {
        // Without a relay: it would send each event alone, and of those the mock cluster returns one of a partition with each fetch, which brokers do not.
        await using (var producers = await Start("CreateTask", "CompleteTask", "FireReminders"))
        {
            await Complete(producers, count);
            await ReminderSeed.Add(_source, user, count, DateTimeOffset.UtcNow, TimeSpan.Zero);
            await Until("select not exists (select from reminder where due_at is not null)");
        }

        await Announce(count);
        return
        [
            await Relay(),
            await Consume("RecordAudit", AuditTrail.GroupName, await Count("select count(*) from outbox where topic = 'task-events'")),
            await Consume("CreateNextOccurrence", NextOccurrence.GroupName, count),
            await Consume("NotifyOnReminder", ReminderNotifier.GroupName, count),
            await Push(count / 2),
        ];
    }

    /// <summary>Measures the relay and the audit trail, each alone, with tasks in so many shards only.</summary>
    public async Task<(SustainedResult Relay, SustainedResult Audit)> InShards(int tasks, int shards)
    {
        await Announce(tasks, shards);
        return (await Relay(), await Consume("RecordAudit", AuditTrail.GroupName, await Count("select count(*) from outbox where topic = 'task-events'")));
    }

    /// <summary>Adds events to the outbox as of the user's tasks that were created while no host ran: copies of events that a host announced.</summary>
    /// <param name="tasks">How many tasks.</param>
    /// <param name="shards">Over how many shards their ids are spread.</param>
    public async Task Announce(int tasks, int shards = Shards.Count)
    {
        await using var command = _source.CreateCommand(
            $"""
            with kind as (
                select distinct on (topic) topic, event_id, key, payload from outbox
                where topic like 'task-%' and position('{user}' in convert_from(payload, 'UTF8')) > 0 order by topic, position),
            task as (select encode(set_byte(uuid_send(gen_random_uuid()), 15, number % $2), 'hex')::uuid as id from generate_series(1, $1) as number),
            copy as (
                select gen_random_uuid() as event_id, task.id, kind.topic, kind.event_id as old_event, kind.key as old_key, kind.payload
                from task cross join kind)
            insert into outbox (event_id, topic, key, shard, payload, created_at)
            select event_id, topic, id::text, get_byte(uuid_send(id), 15) % {Shards.Count},
                convert_to(replace(replace(convert_from(payload, 'UTF8'), old_event::text, event_id::text), old_key, id::text), 'UTF8'), now()
            from copy
            """);
        command.CommandTimeout = 0;
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = tasks });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = shards });
        await command.ExecuteNonQueryAsync();
        await BenchDatabase.Execute(database, "vacuum analyze outbox", "checkpoint");
    }

    /// <summary>Starts a whole host, and sees how fast it works off what waits.</summary>
    public async Task<CatchUpResult> CatchUp(int tasks)
    {
        const string Waiting = "select exists (select from outbox where published_at is null)";
        var clock = TimeProvider.System;
        var expected = await Count("select count(*) from outbox where topic = 'task-events'");
        var events = await Count("select count(*) from outbox where published_at is null");
        var started = clock.GetTimestamp();
        await using var host = await BenchHost.StartOn(database, settings);
        var ready = clock.GetElapsedTime(started);
        TimeSpan? published = null;
        while (await Count(Remembered(AuditTrail.GroupName)) < expected)
        {
            published ??= await _source.Ask<bool>(Waiting) ? null : clock.GetElapsedTime(started);
            if (clock.GetElapsedTime(started) > Longest)
            {
                throw new TimeoutException("The consumers do not catch up.");
            }

            await Task.Delay(50);
        }

        // Work begins while the host starts, so its readiness is no beginning: the whole time is counted.
        var took = clock.GetElapsedTime(started);
        Console.WriteLine($"  (ready after {ready.TotalSeconds:0.0} s)");
        return new(tasks, events / (published ?? took).TotalSeconds, tasks / took.TotalSeconds, took.TotalSeconds);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private Task<BenchHost> Start(params IEnumerable<string> functions) => BenchHost.StartOn(database, [.. settings, .. BenchHost.Only(functions)]);

    private async Task Complete(BenchHost host, int series)
    {
        using var http = Client(host);
        await Parallel.ForEachAsync(Enumerable.Range(0, series), new ParallelOptions { MaxDegreeOfParallelism = Clients }, async (_, _) =>
        {
            var task = await BenchHost.Post(http, "/api/tasks", new JsonObject { ["title"] = "Water the plants", ["due_date"] = "2026-12-01", ["recurrence"] = "daily" });
            await BenchHost.Post(http, $"/api/tasks/{task["id"]!.GetValue<Guid>()}/complete", null);
        });
    }

    private HttpClient Client(BenchHost host)
    {
        var http = new HttpClient { BaseAddress = host.Server.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", BenchHost.TokenOf(user));
        return http;
    }

    // From the stamps of its batches: how long the process takes to start is measured elsewhere.
    private async Task<SustainedResult> Relay()
    {
        var events = await Count("select count(*) from outbox where published_at is null");
        var before = await _source.Ask<DateTime>("select coalesce(max(published_at), '-infinity') from outbox");
        await using (await Start("RelayOutbox"))
        {
            await Until("select not exists (select from outbox where published_at is null)");
        }

        return Told(new("RelayOutbox", events, await PerSecond("published_at", $"outbox where published_at > '{before:O}'")));
    }

    private async Task<SustainedResult> Consume(string function, string group, long events)
    {
        var (before, began) = (await Count(Remembered(group)), DateTimeOffset.UtcNow);
        await using (await Start(function))
        {
            await Until($"select ({Remembered(group)}) >= {events}");
        }

        return Told(new(function, events - before, await PerSecond("consumed_at", $"inbox where group_name = '{group}' and consumed_at >= '{began:O}'")));
    }

    private async Task<SustainedResult> Push(int count)
    {
        var clock = TimeProvider.System;
        await using var host = await BenchHost.StartOn(
            database,
            [.. settings, ("Realtime__SendBuffer", "67108864"), .. BenchHost.Only("PushTaskUpdates", "Negotiate", "RelayOutbox")]); // a device that lags is measured, not cut off
        await Until("select not exists (select from outbox where published_at is null)"); // what the parts before made
        using var http = Client(host);
        var (hub, token) = await BenchHost.Negotiate(http);
        using var device = await HubClient.Connect(hub, token);
        var announced = Announce(count); // messages come before it has ended, which tidies up
        await device.Next().WaitAsync(Longest);
        var first = clock.GetTimestamp();
        for (var i = 1; i < count; i++)
        {
            await device.Next().WaitAsync(Longest);
        }

        var took = clock.GetElapsedTime(first);
        await announced;
        return Told(new("PushTaskUpdates", count, (count - 1) / took.TotalSeconds));
    }

    private static string Remembered(string group) => $"select count(*) from inbox where group_name = '{group}'";

    private Task<long> Count(string sql) => _source.Ask<long>(sql);

    // What came after the first batch, in the time from the first to the last.
    private Task<double> PerSecond(string instant, string rows) => _source.Ask<double>(
        $"""
        with stamped as (select {instant} as at from {rows}), bounds as (select min(at) as first, max(at) as last from stamped)
        select (select count(*) from stamped, bounds where at > first)::float8 / nullif(extract(epoch from last - first), 0)::float8 from bounds
        """);

    private async Task Until(string condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await _source.Ask<bool>(condition))
        {
            if (TimeProvider.System.GetElapsedTime(started) > Longest)
            {
                throw new TimeoutException($"This does not come about: {condition}");
            }

            await Task.Delay(100);
        }
    }

    private static SustainedResult Told(SustainedResult result)
    {
        Console.WriteLine($"  {result}");
        return result;
    }
}
