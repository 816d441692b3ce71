using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Xunit;
using Xunit.Abstractions;

namespace TodoFlow.Tests.Integration.Sync;

/// <summary>
/// Transactions that overlap: what is committed late has a lower number than what was told before. <c>TODOFLOW_TEST_SYNC_SECONDS</c> says
/// for how long (60 for the whole proof).
/// </summary>
public sealed class OverlappingTransactionTests(SyncApp app, ITestOutputHelper output) : IClassFixture<SyncApp>
{
    private const int Writers = 8;
    private const int TasksEach = 20;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("TODOFLOW_TEST_SYNC_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? seconds : 4);

    [Fact]
    public async Task Nothing_is_missed_and_a_transaction_that_is_held_open_delays_nothing_but_itself()
    {
        var user = await app.AddUser();
        var tasks = Enumerable.Range(0, Writers * TasksEach).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var task in tasks)
        {
            await app.Database.Execute(Insert(task, user));
        }

        var copy = new Dictionary<Guid, long>();
        var token = await Pull(user, copy, null);
        var held = Guid.CreateVersion7();
        await using var holder = await app.Database.Source.OpenConnectionAsync();
        await using var holding = await holder.BeginTransactionAsync();
        await using (var insert = holder.CreateCommand())
        {
            insert.CommandText = Insert(held, user);
            await insert.ExecuteNonQueryAsync();
        }

        var committed = new ConcurrentDictionary<Guid, long>();
        using var ended = new CancellationTokenSource(Duration);
        var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => Write(tasks[(writer * TasksEach)..((writer + 1) * TasksEach)], committed, new Random(writer), ended.Token))).ToArray();
        var (polls, slowest) = (0, TimeSpan.Zero);
        while (!ended.IsCancellationRequested)
        {
            var before = committed.ToArray();
            var began = Stopwatch.StartNew();
            token = await Pull(user, copy, token);
            slowest = began.Elapsed > slowest ? began.Elapsed : slowest;
            polls++;
            Assert.All(before, task => Assert.True(copy[task.Key] >= task.Value, $"{task.Key} is at {copy[task.Key]}, and {task.Value} was committed before the pull"));
            Assert.DoesNotContain(held, copy.Keys);
        }

        await Task.WhenAll(writing);
        await holding.CommitAsync();
        await Pull(user, copy, token);

        Assert.Contains(held, copy.Keys);
        var stored = await app.Database.Column<string>($"select id || ' ' || version from task_item where user_id = '{user}'");
        Assert.Equal(stored.Order(StringComparer.Ordinal), copy.Select(task => $"{task.Key} {task.Value}").Order(StringComparer.Ordinal));
        output.WriteLine($"{polls} pulls, the slowest took {slowest.TotalMilliseconds:0} ms; {committed.Values.Sum():N0} changes");
    }

    // Each transaction draws its number with the first task, and is committed after others that began later.
    private async Task Write(Guid[] own, ConcurrentDictionary<Guid, long> committed, Random random, CancellationToken ended)
    {
        await using var connection = await app.Database.Source.OpenConnectionAsync(CancellationToken.None);
        while (!ended.IsCancellationRequested)
        {
            await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
            var changed = new Dictionary<Guid, long>();
            for (var i = random.Next(1, 5); i > 0; i--)
            {
                var task = own[random.Next(own.Length)];
                await using var update = connection.CreateCommand();
                update.CommandText = $"update task_item set version = version + 1 where id = '{task}' returning version";
                changed[task] = (long)(await update.ExecuteScalarAsync(CancellationToken.None))!;
                await Task.Delay(random.Next(0, 8), CancellationToken.None); // others commit meanwhile
            }

            await transaction.CommitAsync(CancellationToken.None);
            foreach (var (task, version) in changed)
            {
                committed[task] = version;
            }
        }
    }

    private async Task<string> Pull(Guid user, Dictionary<Guid, long> copy, string? token)
    {
        while (true)
        {
            var (_, page) = await app.Sync(user, token, 100);
            foreach (var task in page.Changes.Tasks)
            {
                Assert.True(copy.GetValueOrDefault(task.Id) <= task.Version);
                copy[task.Id] = task.Version;
            }

            token = page.SyncToken;
            if (!page.HasMore)
            {
                return token;
            }
        }
    }

    private static string Insert(Guid task, Guid user) =>
        $"""
        insert into task_item (id, user_id, title, status, priority, tags, time_zone, recurrence_basis, version, created_at, updated_at, field_versions)
        values ('{task}', '{user}', 'a', 0, 1, '{"{}"}', 'UTC', 0, 1, now(), now(), '{"{}"}')
        """;
}
