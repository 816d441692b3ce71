using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Recurrence;
using TodoFlow.Infrastructure.Reminders;
using TodoFlow.Messaging.Outbox;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Reminders;

public sealed class FireRemindersTests(ReminderApp app) : IClassFixture<ReminderApp>
{
    private static readonly AsynchronousCommit Commit = new(Options.Create(new EventsSettings()));

    [Fact]
    public async Task A_reminder_fires_at_its_instant_and_not_before_with_its_task_as_it_is_then()
    {
        using var alice = await app.SignUp();
        var due = app.Now.GetUtcNow().AddHours(1);
        var task = (await alice.Post("/api/tasks", new { title = "Buy milk", due_date = due, reminder_offset = "15 minutes" })).Is(201).Id;
        (await alice.Put($"/api/tasks/{task}", new { title = "Buy oat milk" })).Is(200);
        var reminder = Assert.Single(await ReminderApp.RemindersOf(alice, task));
        Assert.Equal((due.AddMinutes(-15), "15 minutes", "pending"), (reminder.At(), reminder.Text("reminder_offset"), reminder.Text("status")));

        await app.Advance(TimeSpan.FromMinutes(45) - TimeSpan.FromMicroseconds(1));
        Assert.Equal(["scheduled"], await app.EventsOf(reminder.Id()));

        await app.Advance(TimeSpan.FromMicroseconds(1));
        Assert.Equal(["scheduled", "due"], await app.EventsOf(reminder.Id()));
        var fired = Assert.Single(await ReminderApp.RemindersOf(alice, task));
        Assert.Equal(due.AddMinutes(-15), fired["fired_at"]!.GetValue<DateTimeOffset>());
        Assert.False(fired["late"]!.GetValue<bool>());
        Assert.Equal("Buy oat milk", (await DueEvent(reminder.Id()))["data"]!["task_data"]!["title"]!.GetValue<string>());

        await app.Advance(TimeSpan.FromHours(2));
        Assert.Equal(["scheduled", "due"], await app.EventsOf(reminder.Id()));
    }

    [Fact]
    public async Task The_queue_wakes_by_itself_at_the_instant()
    {
        using var alice = await app.SignUp();
        var task = await Task(alice);
        var reminder = await Remind(alice, task, app.Now.GetUtcNow().AddSeconds(1.5));
        await app.Sweep();
        await app.Now.TimerDueWithin(TimeSpan.FromSeconds(1.5));

        app.Now.Advance(TimeSpan.FromSeconds(1.5));
        await Fired(reminder);
    }

    [Fact]
    public async Task A_new_reminder_that_is_sooner_moves_the_alarm()
    {
        using var alice = await app.SignUp();
        var task = await Task(alice);
        await Remind(alice, task, app.Now.GetUtcNow().AddSeconds(1.9));
        await app.Sweep();
        var sooner = await Remind(alice, task, app.Now.GetUtcNow().AddSeconds(0.5));
        await app.Now.TimerDueWithin(TimeSpan.FromSeconds(0.5));

        app.Now.Advance(TimeSpan.FromSeconds(0.5));
        await Fired(sooner);
    }

    [Fact]
    public async Task An_instant_that_has_passed_fires_at_once_and_late()
    {
        using var alice = await app.SignUp();
        var task = await Task(alice);

        var past = await Remind(alice, task, app.Now.GetUtcNow().AddMinutes(-1));
        await Fired(past);

        Assert.True(await app.Database.Scalar<bool>($"select late from reminder where id = '{past}'"));
        Assert.True((await DueEvent(past))["data"]!["late"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_next_occurrences_reminder_whose_instant_has_passed_fires_at_once()
    {
        using var alice = await app.SignUp();
        var first = (await alice.Post(
            "/api/tasks", new { title = "a", due_date = app.Now.GetUtcNow().AddMinutes(10), recurrence = "daily", reminder_offset = "2 days" })).Is(201).Id;
        await Fired(await ReminderOf(first)); // so that nothing is left to wake the queue
        (await alice.Post($"/api/tasks/{first}/complete")).Is(200);

        await app.Deliver<NextOccurrence>();
        await Fired(await ReminderOf(app.OccurrenceId(first, 2)));

        Task<Guid> ReminderOf(Guid task) => app.Database.Scalar<Guid>($"select id from reminder where task_id = '{task}'");
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(10.001, true)]
    public async Task Late_is_what_fires_more_than_ten_seconds_after_its_instant(double seconds, bool late)
    {
        using var alice = await app.SignUp();
        var reminder = await Remind(alice, await Task(alice), app.Now.GetUtcNow().AddMinutes(5));

        await app.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(seconds));

        Assert.Equal(late, await app.Database.Scalar<bool>($"select late from reminder where id = '{reminder}'"));
    }

    [Fact]
    public async Task After_an_hours_outage_everything_overdue_fires_once_and_late()
    {
        using var alice = await app.SignUp();
        var reminders = new List<Guid>();
        foreach (var minute in Enumerable.Range(1, 30))
        {
            reminders.Add(await Remind(alice, await Task(alice), app.Now.GetUtcNow().AddMinutes(minute)));
        }

        await app.StopHost();
        app.Now.SetUtcNow(app.Now.GetUtcNow().AddHours(1));
        await app.StartHost();
        await app.Sweep();
        await app.Sweep();

        foreach (var reminder in reminders)
        {
            Assert.Equal(["scheduled", "due"], await app.EventsOf(reminder));
        }

        Assert.Equal(30L, await app.Database.Scalar<long>($"select count(*) from reminder where late and id in ({string.Join(", ", reminders.Select(id => $"'{id}'"))})"));
    }

    [Fact]
    public async Task A_task_that_is_completed_or_gone_behind_the_queues_back_cancels_its_reminder()
    {
        using var alice = await app.SignUp();
        var (done, gone) = (await Task(alice), await Task(alice));
        var (first, second) = (await Remind(alice, done, app.Now.GetUtcNow().AddMinutes(1)), await Remind(alice, gone, app.Now.GetUtcNow().AddMinutes(1)));
        await app.Database.Execute($"update task_item set status = 1, completed_at = now() where id = '{done}'; delete from task_item where id = '{gone}'");

        await app.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(["scheduled", "cancelled"], await app.EventsOf(first));
        Assert.Equal(["scheduled", "cancelled"], await app.EventsOf(second));
        Assert.Equal(("cancelled", "task_completed"), Assert.Single(await ReminderApp.RemindersOf(alice, done)).State());
        Assert.Equal(("cancelled", "task_deleted"), Assert.Single(await ReminderApp.RemindersOf(alice, gone)).State());
    }

    [Fact]
    public async Task A_task_that_is_due_later_behind_the_queues_back_moves_its_reminder()
    {
        using var alice = await app.SignUp();
        var due = app.Now.GetUtcNow().AddHours(1);
        var task = (await alice.Post("/api/tasks", new { title = "a", due_date = due, reminder_offset = "PT1H" })).Is(201).Id; // fires now
        var later = (await alice.Post("/api/reminders", new { task_id = task, reminder_offset = "30 minutes" })).Is(201).Id;
        await app.Database.Execute($"update task_item set due_date = '{due.AddHours(1):yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}' where id = '{task}'");

        await app.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(["moved"], await app.StepsOf(later));
        Assert.Equal(["scheduled", "scheduled"], await app.EventsOf(later));

        await app.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["scheduled", "scheduled", "due"], await app.EventsOf(later));
    }

    [Fact]
    public async Task A_completion_that_holds_the_reminder_first_wins_over_the_queue()
    {
        await NothingElse();
        using var alice = await app.SignUp();
        var task = await Task(alice);
        Guid[] both = [await Remind(alice, task, app.Now.GetUtcNow().AddMinutes(1)), await Remind(alice, task, app.Now.GetUtcNow().AddMinutes(1))];
        var (reminder, another) = string.CompareOrdinal(both[0].ToString(), both[1].ToString()) < 0 ? (both[0], both[1]) : (both[1], both[0]);
        await using var holder = await app.Database.Source.OpenConnectionAsync();
        await using var held = await holder.BeginTransactionAsync();
        await Execute(holder, $"select from reminder where id = '{another}' for update"); // the completion stops there, with the other locked
        var completing = alice.Post($"/api/tasks/{task}/complete");
        await app.Database.UntilSomebodyWaitsForALock();

        app.Now.Advance(TimeSpan.FromMinutes(1));
        await app.Sweep(); // passes over what is locked
        await held.RollbackAsync();
        (await completing).Is(200);
        await app.Sweep();

        Assert.Equal(["scheduled", "cancelled"], await app.EventsOf(reminder));
    }

    [Fact]
    public async Task A_completion_that_comes_while_the_reminder_is_claimed_finds_it_fired()
    {
        await NothingElse();
        using var alice = await app.SignUp();
        var task = await Task(alice);
        var reminder = await Remind(alice, task, app.Now.GetUtcNow().AddMinutes(1));
        await using var claimer = await Begin();
        app.Now.Advance(TimeSpan.FromMinutes(1));
        var firing = new ReminderFiring(claimer, new ReminderSettings(), Commit, app.Now);
        var claimed = await firing.Claim(10, CancellationToken.None);
        Assert.Contains(reminder, claimed.Select(row => row.Id));

        var completing = alice.Post($"/api/tasks/{task}/complete");
        await app.Database.UntilSomebodyWaitsForALock();
        await app.Sweep(); // another process finds nothing to do
        await firing.SettleAndCommit(claimed, CancellationToken.None);
        (await completing).Is(200);

        Assert.Equal(["scheduled", "due"], await app.EventsOf(reminder));
        Assert.Equal(("pending", null), Assert.Single(await ReminderApp.RemindersOf(alice, task)).State());
    }

    [Fact]
    public async Task Two_that_claim_at_once_share_what_is_due()
    {
        await NothingElse();
        using var alice = await app.SignUp();
        var task = await Task(alice);
        var wanted = new HashSet<Guid>();
        for (var i = 0; i < 10; i++)
        {
            wanted.Add(await Remind(alice, task, app.Now.GetUtcNow().AddMinutes(1)));
        }

        app.Now.Advance(TimeSpan.FromMinutes(1));
        await using var one = await Begin();
        await using var other = await Begin();
        var mine = await new ReminderFiring(one, new ReminderSettings(), Commit, app.Now).Claim(4, CancellationToken.None);
        var theirs = await new ReminderFiring(other, new ReminderSettings(), Commit, app.Now).Claim(100, CancellationToken.None);

        Assert.Equal(4, mine.Count);
        Assert.Empty(mine.Select(row => row.Id).Intersect(theirs.Select(row => row.Id)));
        Assert.Subset(mine.Concat(theirs).Select(row => row.Id).ToHashSet(), wanted);
        await one.DisposeAsync();
        await other.DisposeAsync();
        await app.Sweep();
    }

    private Task<UnitOfWork> Begin() => app.Host.Services.GetRequiredService<UnitOfWorkFactory>().Begin(CancellationToken.None);

    // What other tests left to fire would wake the queue.
    private Task NothingElse() => app.Advance(TimeSpan.FromDays(1));

    private static async Task<Guid> Task(ApiClient client) => (await client.Post("/api/tasks", new { title = "a" })).Is(201).Id;

    private static async Task<Guid> Remind(ApiClient client, Guid task, DateTimeOffset at) =>
        (await client.Post("/api/reminders", new { task_id = task, remind_at = at })).Is(201).Id;

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private Task Fired(Guid reminder) => Eventually.Holds(async () => (await app.EventsOf(reminder)).Contains("due"));

    private async Task<JsonNode> DueEvent(Guid reminder) => JsonNode.Parse(await app.Database.Scalar<string>(
        $"select convert_from(payload, 'UTF8') from outbox join reminder on due_event_id = event_id where id = '{reminder}'"))!;
}
