using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using TodoFlow.Infrastructure.Audit;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Messaging.Consumers;
using TodoFlow.Messaging.Events;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Events;

/// <summary>Records that cannot be handled: parked with all that is known of them, and taken up again.</summary>
public sealed class ParkedRecordTests() : InboxTest(new FakeClock())
{
    [Fact]
    public async Task Poison_in_a_batch_is_parked_with_its_bytes_and_its_neighbours_take_effect_once()
    {
        var records = await SomeRecords(3);
        byte[] bytes = [0x7b, 0x00, 0xff];
        var poison = new EventRecord("task-events", 2, 41, [0x00, 0x41], bytes, [new("h", [1]), new("n\0", null)]);

        await Deliver(Trail, [records[0], poison, .. records.Skip(1)]);
        Clock.Advance(TimeSpan.FromMinutes(1));
        await Deliver(Trail, [poison]);

        Assert.Equal(3, await Count("audit_entry"));
        var letter = Assert.Single(await Letters());
        Assert.Equal((AuditTrail.GroupName, "task-events", 2, 41L), (letter.GroupName, letter.Topic, letter.Partition, letter.RecordOffset));
        Assert.Equal(bytes, letter.Value);
        Assert.Equal(poison.Headers, letter.ToRecord().Headers, (one, other) => one.Key == other.Key && (one.Value ?? []).SequenceEqual(other.Value ?? []));
        Assert.Equal(TimeSpan.FromMinutes(1), letter.LastParkedAt - letter.FirstParkedAt);
        Assert.Equal(bytes, await Database.Scalar<byte[]>("select payload from outbox where topic = 'task-events.dead-letter'"));
        Assert.Equal(1, await Database.Scalar<long>(
            $"select count(*) from outbox where topic = 'task-events.dead-letter' and headers->>'dead-letter-id' = '{letter.Id}'"));
    }

    [Fact]
    public async Task An_unknown_major_version_is_parked_and_an_unknown_type_is_not()
    {
        var (v2, other) = (Edited((await SomeRecords(1))[0], "task.created.v2"), Edited((await SomeRecords(1))[0], "task.archived.v1"));

        await Deliver(Trail, [v2, other]);

        Assert.Contains("task.created.v2", Assert.Single(await Letters()).Reason, StringComparison.Ordinal);
        Assert.Equal("task.archived.v1", await Database.Scalar<string>("select event_type from audit_entry"));
    }

    [Fact]
    public async Task Text_that_PostgreSQL_cannot_hold_is_parked_too()
    {
        var record = Edited((await SomeRecords(1))[0], "task.created.v\0");
        var correlated = Edited((await SomeRecords(1))[0], "task.created.v1", "a\0b");

        await Deliver(Trail, [record, correlated]);

        Assert.Equal(2, (await Letters()).Count);
    }

    [Fact]
    public async Task A_key_that_is_too_long_for_an_index_is_parked_too_and_kept()
    {
        var key = RandomNumberGenerator.GetBytes(6000).Select(one => (byte)('!' + (one % 90))).ToArray();
        var record = (await SomeRecords(1))[0] with { Key = key, Value = [0x7b] };

        await Deliver(Trail, [record]);

        Assert.Equal(key, Assert.Single(await Letters()).Key);
        Assert.Equal(64, await Database.Scalar<int>("select length(key) from outbox where topic like '%.dead-letter'"));
    }

    [Fact]
    public async Task A_reason_that_ends_in_half_a_character_is_parked_too()
    {
        var records = await SomeRecords(1);
        Effect.Fail = _ => new InvalidOperationException($"{new string('x', 1000 - "InvalidOperationException: ".Length - 1)}🥛");

        await Deliver(Effect, records);

        Assert.EndsWith("x\uFFFD", Assert.Single(await Letters()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_fails_by_itself_is_tried_three_times_parked_and_taken_up_again_when_it_is_mended()
    {
        var records = await SomeRecords(4);
        var broken = IdOf(records[2]);
        Effect.Fail = read => read.Id == broken ? new InvalidOperationException("a defect") : null;

        await Deliver(Effect, records);

        Assert.Equal(3, await Count("audit_entry"));
        Assert.Equal(1 + 3, Effect.Attempts(broken)); // once in the batch, three times alone
        var letter = Assert.Single(await Letters());
        Assert.Equal("InvalidOperationException: a defect", letter.Reason);
        Assert.Equal(broken, letter.EventId);

        Assert.Contains("a defect", await Replay(letter), StringComparison.Ordinal);
        Assert.Null((await Letters())[0].ReplayedAt);
        Effect.Fail = _ => null;
        Assert.Null(await Replay(letter));
        Assert.Null(await Replay(letter));
        Assert.Equal(4, await Count("audit_entry"));
        Assert.NotNull((await Letters())[0].ReplayedAt);
    }

    [Theory]
    [MemberData(nameof(SqlStates.OfDefects), MemberType = typeof(SqlStates))]
    public async Task A_defect_in_SQL_is_tried_three_times_and_parked_and_the_partition_goes_on(string state)
    {
        var records = await SomeRecords(3);
        var broken = IdOf(records[1]);
        Effect.Fail = read => read.Id == broken ? new DbUpdateException("-", SqlStates.Error(state)) : null;

        await Deliver(Effect, records);

        Assert.Equal(2, await Count("audit_entry"));
        Assert.Equal(1 + 3, Effect.Attempts(broken)); // once in the batch, three times alone
        var letter = Assert.Single(await Letters());
        Assert.Equal((broken, $"PostgresException: {state}: A message"), (letter.EventId, letter.Reason));
        Assert.Contains(state, await Replay(letter), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_statement_of_ours_that_is_wrong_is_parked_when_the_server_itself_refuses_it()
    {
        var records = await SomeRecords(2);
        await Database.Execute("alter table audit_entry rename column changes to changed");

        await Deliver(Effect, records);

        Assert.Equal((0, 0, 2), (await Count("audit_entry"), await Count("inbox"), await Count("dead_letter")));
        Assert.All(await Letters(), letter => Assert.Contains("42703", letter.Reason, StringComparison.Ordinal));
    }

    private static EventRecord Edited(EventRecord record, string type, string? correlationId = null)
    {
        var json = JsonNode.Parse(record.Value)!;
        json["type"] = type;
        json["correlationid"] = correlationId ?? "c";
        return record with { Offset = record.Offset + 1000, Value = Encoding.UTF8.GetBytes(json.ToJsonString()) };
    }

    private Task<string?> Replay(DeadLetter letter) => Services.Get<Inbox>().Replay(Effect, letter, CancellationToken.None);

    private async Task<List<DeadLetter>> Letters()
    {
        await using var db = Services.OpenDb();
        return await db.DeadLetters.AsNoTracking().OrderBy(letter => letter.RecordOffset).ToListAsync();
    }
}
