using System.Collections.Concurrent;
using System.Globalization;
using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace TodoFlow.Tests.Integration.Persistence;

/// <summary>
/// Writes whose database sessions are killed at random, as a failover or an operator does: as many as <c>TODOFLOW_TEST_WRITES</c> says,
/// 500 by default, and more until one of them was met. What was acknowledged is stored once, and what was not is said truthfully.
/// </summary>
public sealed class KilledBackendTests(KilledBackendTests.App app, ITestOutputHelper output) : IClassFixture<KilledBackendTests.App>
{
    private const int Writers = 8;

    // A client does not try for ever; the sessions of one write are hardly killed that often.
    private const int MostTries = 50;

    // As many times as many writes at the most, until a kill has met one.
    private const int MostRounds = 40;

    private const int TriesBetween = 60;

    private readonly SemaphoreSlim _tries = new(0);
    private readonly ConcurrentDictionary<string, Guid> _acknowledged = new();
    private readonly ConcurrentDictionary<string, int> _uncertain = new();
    private readonly ConcurrentDictionary<string, bool> _completed = new();

    [Fact]
    public async Task What_was_acknowledged_is_stored_once_and_what_was_not_is_told_truthfully()
    {
        var writes = int.Parse(Environment.GetEnvironmentVariable("TODOFLOW_TEST_WRITES") ?? "500", CultureInfo.InvariantCulture);
        using var alice = await app.SignUp();
        using var over = new CancellationTokenSource();
        var killing = Task.Run(() => Kill(over.Token));
        var started = 0;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            // Whom a kill meets is chance, and one that meets no write shows nothing.
            for (var number = writer; number < writes || (_uncertain.IsEmpty && number < MostRounds * writes); number += Writers)
            {
                Interlocked.Increment(ref started);
                await (number / Writers % 2 == 0 ? WriteWithKey(alice, $"with key {number}") : Write(alice, $"without key {number}"));
            }
        })));
        await over.CancelAsync();
        var killed = await killing;

        var stored = (await app.Database.Column<string>("select title || '|' || id || '|' || status from task_item"))
            .Select(row => row.Split('|')).ToLookup(row => row[0], row => (Id: Guid.Parse(row[1]), IsCompleted: row[2] == "1"));
        Assert.All(_acknowledged, write => Assert.Equal(write.Value, Assert.Single(stored[write.Key]).Id));
        Assert.All(_uncertain.Where(write => !_acknowledged.ContainsKey(write.Key)), write => Assert.InRange(stored[write.Key].Count(), 0, 1));
        Assert.All(_completed, task => Assert.True(Assert.Single(stored[task.Key]).IsCompleted));
        Assert.Equal(started, _acknowledged.Keys.Union(_uncertain.Keys).Count());

        // Each task and the event that tells of it, or neither.
        Assert.Equal(
            await app.Database.Column<Guid>("select id from task_item order by id"),
            await app.Database.Column<Guid>(
                "select key::uuid from outbox where topic = 'task-events' and convert_from(payload, 'UTF8')::jsonb->>'type' = 'task.created.v1' order by key::uuid"));

        var unknown = _uncertain.Keys.Where(title => title.StartsWith("without key", StringComparison.Ordinal)).ToList();
        output.WriteLine(
            $"{started} writes, {killed} sessions killed, {_uncertain.Values.Sum()} answers 503 about {_uncertain.Count} writes; "
            + $"of {unknown.Count} without a key {unknown.Count(title => stored[title].Any())} had been stored.");
        Assert.NotEmpty(_uncertain);
    }

    // Repeats under its key until it knows.
    private async Task WriteWithKey(ApiClient user, string title)
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        for (var tries = 1; !await Try(user, title, key); tries++)
        {
            Assert.True(tries < MostTries, $"{title} was not stored after {tries} tries.");
        }

        Assert.Equal(_acknowledged[title], (await Answer(() => user.Post("/api/tasks", new { title }, key))).Is(201).Id); // one more gives the same
        if ((await user.Post($"/api/tasks/{_acknowledged[title]}/complete")).Status == 200)
        {
            _completed[title] = true;
        }
    }

    private async Task Write(ApiClient user, string title) => await Try(user, title);

    private async Task<bool> Try(ApiClient user, string title, params (string, string)[] headers)
    {
        var answer = await user.Post("/api/tasks", new { title }, headers);
        _tries.Release();
        if (answer.Status == 201)
        {
            _acknowledged[title] = answer.Id;
            return true;
        }

        answer.IsProblem(503, "database_unavailable");
        Assert.Contains("may have been stored", answer.Text("detail"), StringComparison.Ordinal);
        _uncertain.AddOrUpdate(title, 1, (_, count) => count + 1);
        return false;
    }

    private static async Task<ApiAnswer> Answer(Func<Task<ApiAnswer>> ask)
    {
        for (var tries = 1; ; tries++)
        {
            if (await ask() is var answer && (answer.Status != 503 || tries == MostTries))
            {
                return answer;
            }
        }
    }

    // One session of the application after some tries, on this test's database alone; one that is at work, where there is one.
    private async Task<long> Kill(CancellationToken over)
    {
        var (killed, random) = (0L, new Random());
        try
        {
            while (true)
            {
                for (var tries = random.Next(1, TriesBetween); tries > 0; tries--)
                {
                    await _tries.WaitAsync(over);
                }

                killed += await app.Database.Scalar<long>(
                    """
                    select count(pg_terminate_backend(pid)) from (
                        select pid from pg_stat_activity
                        where datname = current_database() and application_name = 'todoflow' and query not like 'listen %' order by state <> 'active', random() limit 1) as chosen
                    """);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return killed;
        }
    }

    public sealed class App : TestApp
    {
        protected override void Configure(HostApplicationOptions options)
        {
            options.Settings["Quotas:Tasks"] = "1000000";
            options.Settings["Auth:AccessTokenLifetime"] = "10:00:00"; // many writes take long on a busy machine
        }
    }
}
