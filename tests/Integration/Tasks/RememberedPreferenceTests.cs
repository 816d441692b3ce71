using Npgsql;
using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

/// <summary>New tasks heed their user's preferences as they are, though a process remembers what it read of them.</summary>
public sealed class RememberedPreferenceTests(RememberedPreferenceTests.TwoProcesses app) : IClassFixture<RememberedPreferenceTests.TwoProcesses>
{
    private const string Preferences = "/api/notifications/preferences";

    [Fact]
    public async Task A_preference_that_another_process_changed_holds_for_the_next_task()
    {
        using var here = await app.SignUp();
        using var there = new ApiClient(app.Other.Address, here.Token);
        Assert.Null(await OffsetOfNew(here)); // remembered

        foreach (var offset in new[] { "15 minutes", "1 hour", null })
        {
            (await there.Put(Preferences, new { default_reminder_offset = offset })).Is(200);
            Assert.Equal(offset, await OffsetOfNew(here));
            Assert.Equal(offset, await OffsetOfNew(here));
        }
    }

    [Fact]
    public async Task The_reminder_of_an_all_day_task_counts_from_the_time_that_another_process_set()
    {
        using var here = await app.SignUp();
        using var there = new ApiClient(app.Other.Address, here.Token);
        Assert.Equal("2099-03-10T08:00:00.000000Z", await RemindedAt(here));

        (await there.Put(Preferences, new { all_day_reminder_time = "07:30" })).Is(200);

        Assert.Equal("2099-03-10T06:30:00.000000Z", await RemindedAt(here));
    }

    [Fact]
    public async Task A_task_whose_preferences_changed_is_stored_and_announced_once()
    {
        using var here = await app.SignUp();
        using var there = new ApiClient(app.Other.Address, here.Token);
        await OffsetOfNew(here);
        (await there.Put(Preferences, new { default_reminder_offset = "15 minutes" })).Is(200);

        var id = (await here.Post("/api/tasks", new { title = "a", due_date = "2099-03-10T09:00:00Z" })).Is(201).Id;

        Assert.Equal(1, await app.Database.Scalar<long>($"select count(*) from reminder where task_id = '{id}'"));
        Assert.Equal(
            ["task-events", "task-updates", "reminders"],
            await app.Database.Column<string>($"select topic from outbox where key = '{id}' order by position"));
    }

    [Fact]
    public async Task A_kept_answer_tells_the_preference_that_held_when_the_task_was_made()
    {
        using var here = await app.SignUp();
        using var there = new ApiClient(app.Other.Address, here.Token);
        await OffsetOfNew(here);
        (await there.Put(Preferences, new { default_reminder_offset = "15 minutes" })).Is(200);

        var task = new { title = "a", due_date = "2099-03-10T09:00:00Z" };
        var first = (await here.Post("/api/tasks", task, ("Idempotency-Key", "k"))).Is(201);
        (await there.Put(Preferences, new { default_reminder_offset = "1 hour" })).Is(200);
        var again = (await here.Post("/api/tasks", task, ("Idempotency-Key", "k"))).Is(201);

        Assert.Equal(("15 minutes", first.Body), (first.Text("reminder_offset"), again.Body));
        Assert.Equal("1 hour", await OffsetOfNew(here));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("k")]
    public async Task A_preference_that_changes_while_a_task_is_stored_moves_its_reminder(string? key)
    {
        using var here = await app.SignUp();
        using var there = new ApiClient(app.Other.Address, here.Token);
        await RemindedAt(here); // remembered
        await using var connection = await app.Database.Source.OpenConnectionAsync();
        await using var blocking = await connection.BeginTransactionAsync();
        await new NpgsqlCommand("lock table outbox in share mode", connection).ExecuteNonQueryAsync();

        (string, string)[] headers = key is null ? [] : [("Idempotency-Key", key)];
        var storing = here.Post("/api/tasks", new { title = "a", due_date = "2099-03-10", reminder_offset = "1 hour" }, headers);
        await app.Database.UntilSomebodyWaitsForALock("insert into outbox%");
        var changing = there.Put(Preferences, new { all_day_reminder_time = "07:30" });
        await app.Database.UntilSomebodyWaitsForALock("select pg_advisory_xact_lock($1)");
        await blocking.CommitAsync();

        (await changing).Is(200);
        Assert.Equal("2099-03-10T06:30:00.000000Z", await RemindedAt(here, (await storing).Is(201).Id));
    }

    private static async Task<string?> OffsetOfNew(ApiClient client) =>
        (await client.Post("/api/tasks", new { title = "a", due_date = "2099-03-10T09:00:00Z" })).Is(201)["reminder_offset"]?.GetValue<string>();

    private static async Task<string> RemindedAt(ApiClient client) =>
        await RemindedAt(client, (await client.Post("/api/tasks", new { title = "a", due_date = "2099-03-10", reminder_offset = "1 hour" })).Is(201).Id);

    private static async Task<string> RemindedAt(ApiClient client, Guid task) =>
        (await client.Get($"/api/reminders?task_id={task}")).Is(200).Json.AsArray().Single()!["remind_at"]!.GetValue<string>();

    /// <summary>Two hosts on one database: neither hears what the other one changes.</summary>
    public sealed class TwoProcesses : TestApp
    {
        private TestApp? _other;

        public HostApplication Other => _other!.Host;

        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            _other = await StartAnother();
        }

        public override async Task DisposeAsync()
        {
            await _other!.StopHost();
            await base.DisposeAsync();
        }
    }
}
