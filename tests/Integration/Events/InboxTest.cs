using System.Text.Json.Nodes;
using TodoFlow.Infrastructure.Audit;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Messaging.Events;
using TodoFlow.Tests.Support;

namespace TodoFlow.Tests.Integration.Events;

/// <summary>A test of what becomes of records that are delivered to a consumer group.</summary>
public abstract class InboxTest(FakeClock clock) : EventTest(clock)
{
    protected FakeClock Clock => clock;

    private protected TestHandler Effect { get; } = new();

    private protected AuditTrail Trail => Services.Get<AuditTrail>();

    protected static Guid IdOf(EventRecord record) => Guid.Parse(JsonNode.Parse(record.Value)!["id"]!.GetValue<string>());

    protected async Task<IReadOnlyList<EventRecord>> SomeRecords(int count)
    {
        var before = (await Services.Records()).Count;
        for (var i = 0; i < count; i++)
        {
            await Services.AddTask(User);
        }

        return [.. (await Services.Records()).Skip(before)];
    }

    protected Task Deliver(IEventHandler consumer, IReadOnlyList<EventRecord> records) => Services.Get<Inbox>().Deliver(consumer, records, CancellationToken.None);

    protected Task<long> Count(string table) => Database.Scalar<long>($"select count(*) from {table}");
}
