using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Recurrence;
using TodoFlow.Messaging.Events;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Recurrence;

/// <summary>A batch of events is decided on together, and does what its events would do one by one.</summary>
public sealed class OccurrenceBatchTests(UndeliveredApp app) : NextOccurrenceTest(app)
{
    [Fact]
    public async Task A_batch_makes_the_next_occurrence_of_every_series()
    {
        using var alice = await App.SignUp();
        using var bob = await App.SignUp();
        var (one, other) = (await Recurring(alice, "daily", "2099-01-01"), await Recurring(alice, "weekly", "2099-01-01"));
        var third = await Recurring(bob, "daily", "2099-01-01T10:00:00Z");
        await Complete(alice, one);
        await Complete(alice, other);
        await Complete(bob, third);

        await App.Deliver<NextOccurrence>();
        await App.Deliver<NextOccurrence>();

        Assert.Equal(
            new[] { App.OccurrenceId(one, 2), App.OccurrenceId(other, 2) }.Order(), (await Heads(alice)).Select(Id).Order());
        Assert.Equal(App.OccurrenceId(third, 2), Id(await Head(bob)));
        Assert.Equal(["task.created.v1"], await TypesOf(App.OccurrenceId(other, 2)));
    }

    [Fact]
    public async Task A_deleted_task_that_was_completed_reopened_and_completed_in_one_batch_goes_on_once()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "daily", "2099-01-01");
        await Complete(alice, first);
        (await alice.Post($"/api/tasks/{first}/reopen")).Is(200);
        (await alice.Put($"/api/tasks/{first}", new { due_date = "2099-01-05" })).Is(200);
        await Complete(alice, first);
        (await alice.Delete($"/api/tasks/{first}")).Is(204);

        await App.Deliver<NextOccurrence>();

        var head = await Head(alice);
        Assert.Equal((App.OccurrenceId(first, 2), "2099-01-06"), (Id(head), head["due_date"]!.GetValue<string>()));
        Assert.Equal(["task.created.v1", "task.deleted.v1", "task.created.v1"], await TypesOf(Id(head)));
    }

    [Fact]
    public async Task A_deleted_task_that_was_completed_and_reopened_in_one_batch_ends_its_series()
    {
        using var alice = await App.SignUp();
        var first = await Recurring(alice, "daily", "2099-01-01");
        var other = await Recurring(alice, "daily", "2099-01-01");
        await Complete(alice, other);
        await Complete(alice, first);
        (await alice.Post($"/api/tasks/{first}/reopen")).Is(200);
        (await alice.Delete($"/api/tasks/{first}")).Is(204);

        await App.Deliver<NextOccurrence>();

        Assert.Equal(App.OccurrenceId(other, 2), Id(await Head(alice))); // made before the removal, in the same batch
        Assert.Equal(["task.created.v1", "task.deleted.v1"], await TypesOf(App.OccurrenceId(first, 2)));
    }

    [Fact]
    public async Task A_batch_with_an_event_that_can_never_take_effect_makes_the_others_occurrences()
    {
        using var alice = await App.SignUp();
        var (one, poison, other) = (await Recurring(alice, "daily", "2099-01-01"), await Recurring(alice, "daily", "2099-01-01"), await Recurring(alice, "daily", "2099-01-01"));
        foreach (var task in new[] { one, poison, other })
        {
            await Complete(alice, task);
        }

        var records = (await App.Records()).Select(record => Encoding.UTF8.GetString(record.Key!) == $"{poison}" ? WithRule(record, "FREQ=NEVER") : record).ToList();
        await App.Deliver<NextOccurrence>(records);

        Assert.Equal(new[] { App.OccurrenceId(one, 2), App.OccurrenceId(other, 2) }.Order(), (await Heads(alice)).Select(Id).Order());
        Assert.Equal(1, await App.Database.Scalar<long>($"select count(*) from dead_letter where convert_from(key, 'UTF8') = '{poison}'"));
    }

    [Fact]
    public async Task Each_occurrence_of_a_batch_carries_its_own_request_and_its_users_time_of_day_on_to_its_reminder()
    {
        using var alice = await App.SignUp();
        using var bob = await App.SignUp();
        (await bob.Put("/api/notifications/preferences", new { all_day_reminder_time = "07:30" })).Is(200);
        var tasks = new List<(Guid Next, string Request, string At)>();
        foreach (var (client, request, at) in new[] { (alice, "a-1", "2099-01-02T08:00:00"), (bob, "b-1", "2099-01-02T06:30:00"), (alice, "a-2", "2099-01-02T08:00:00") })
        {
            var task = (await client.Post("/api/tasks", new { title = request, recurrence = "daily", due_date = "2099-01-01", reminder_offset = "1 hour" })).Is(201).Id;
            (await client.Post($"/api/tasks/{task}/complete", null, ("X-Correlation-Id", request))).Is(200);
            tasks.Add((App.OccurrenceId(task, 2), request, at));
        }

        await App.Deliver<NextOccurrence>();

        foreach (var (next, request, at) in tasks)
        {
            Assert.Equal([request], await App.Database.Column<string>(
                $"select distinct convert_from(payload, 'UTF8')::jsonb->>'correlationid' from outbox where key = '{next}'"));
            Assert.StartsWith(at, await App.Database.Scalar<string>(
                $"select convert_from(payload, 'UTF8')::jsonb->'data'->>'remind_at' from outbox where key = '{next}' and topic = 'reminders'"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task However_a_history_is_cut_into_batches_the_same_follows_from_it(int seed)
    {
        var random = new Random(seed);
        using var alice = await App.SignUp();
        var me = Guid.Parse((await alice.Get("/api/me")).Is(200).Text("id"));
        for (var number = 0; number < 6; number++)
        {
            var series = await Recurring(alice, "daily", "2099-01-01", $"Series no. {number}");
            for (var step = 0; step < 12; step++)
            {
                var occurrence = random.Next(1, 4);
                var id = occurrence == 1 ? series : App.OccurrenceId(series, occurrence);
                await (random.Next(8) switch
                {
                    < 3 => alice.Post($"/api/tasks/{id}/complete"),
                    < 6 => alice.Post($"/api/tasks/{id}/reopen"),
                    6 => App.Deliver<NextOccurrence>(),
                    _ => alice.Put($"/api/tasks/{id}", new { title = $"step {step}" }),
                });
            }

            foreach (var occurrence in Enumerable.Range(1, 4).Where(_ => random.Next(3) > 0))
            {
                await alice.Delete($"/api/tasks/{(occurrence == 1 ? series : App.OccurrenceId(series, occurrence))}");
            }
        }

        // All of it, as to a group that has forgotten what it did.
        var events = (await Events()).Where(read => read.UserId == me).ToList();
        var oneByOne = await Apply(me, events.Chunk(1));

        Assert.Equal(oneByOne, await Apply(me, [[.. events]]));
        Assert.Equal(oneByOne, await Apply(me, events.Chunk(7)));
    }

    private static EventRecord WithRule(EventRecord record, string rule)
    {
        var json = JsonNode.Parse(record.Value)!;
        json["data"]!["task_data"]!["recurrence"] = rule;
        return record with { Value = Encoding.UTF8.GetBytes(json.ToJsonString()) };
    }

    // What would be stored and announced; nothing stays.
    private async Task<string> Apply(Guid user, IEnumerable<Event[]> batches)
    {
        await using var work = await App.Host.Services.GetRequiredService<UnitOfWorkFactory>().Begin(CancellationToken.None);
        var announced = await work.Db.Outbox.CountAsync();
        foreach (var batch in batches)
        {
            await App.Host.Services.GetRequiredService<NextOccurrence>().Handle(work, batch, CancellationToken.None);
            await work.Flush(CancellationToken.None);
        }

        var tasks = await work.Db.Tasks.AsNoTracking().Where(task => task.UserId == user).OrderBy(task => task.Id)
            .Select(task => $"{task.Id} {task.ParentTaskId} {task.Occurrence} {task.Status} {task.Version} {task.Title} {task.DueAt}").ToListAsync();
        var events = await work.Db.Database.SqlQuery<string>(
            $"""
            select key || ' ' || (convert_from(payload, 'UTF8')::jsonb->>'type') || ' ' || (convert_from(payload, 'UTF8')::jsonb->>'correlationid') as "Value"
            from outbox order by key, position
            """).ToListAsync();
        Assert.True(events.Count > announced); // there was something to do
        return string.Join('\n', [.. tasks, .. events]);
    }
}
