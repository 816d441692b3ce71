using TodoFlow.Domain.Audit;
using TodoFlow.Domain.Events;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Messaging.Events;

namespace TodoFlow.Tests.Integration.Events;

/// <summary>Writes audit rows one by one through the tracked context, and fails when it is told to.</summary>
internal sealed class TestEffect : IEventEffect
{
    private readonly List<Guid> attempts = [];

    public string Group => "test";

    public Func<Event, Exception?> Fail { get; set; } = _ => null;

    public Guid? Announce { get; set; }

    public int Attempts(Guid id)
    {
        lock (attempts)
        {
            return attempts.Count(attempt => attempt == id);
        }
    }

    public Task Apply(TodoFlowDb db, IReadOnlyList<Event> events, CancellationToken ct)
    {
        foreach (var read in events)
        {
            lock (attempts)
            {
                attempts.Add(read.Id);
            }

            using var _ = read.Continue("test");
            if (Fail(read) is { } failure)
            {
                throw failure;
            }

            db.Add(new AuditEntry
            {
                EventId = read.Id,
                TaskId = read.TaskId!.Value,
                UserId = read.UserId!.Value,
                EventType = read.Type,
                OccurredAt = read.Time,
                CorrelationId = read.CorrelationId,
                Changes = "[]",
            });
            if (Announce is { } user)
            {
                var (task, fact) = TaskItem.Create(Guid.CreateVersion7(), user, new TaskEdit { Title = "b" }, null, read.Time);
                db.Add(task);
                db.Announce(fact);
            }
        }

        return Task.CompletedTask;
    }
}
