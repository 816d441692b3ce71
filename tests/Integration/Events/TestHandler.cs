using Npgsql;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Messaging.Events;
using TodoFlow.Tests.Support;

namespace TodoFlow.Tests.Integration.Events;

/// <summary>Writes audit rows one by one, and fails when it is told to.</summary>
internal sealed class TestHandler : IEventHandler
{
    private readonly List<Guid> _attempts = [];

    public string Group => "test";

    public Func<Event, Exception?> Fail { get; set; } = _ => null;

    public Guid? Raises { get; set; }

    public int Attempts(Guid id)
    {
        lock (_attempts)
        {
            return _attempts.Count(attempt => attempt == id);
        }
    }

    public Task Handle(UnitOfWork work, IReadOnlyList<Event> events, CancellationToken ct)
    {
        foreach (var read in events)
        {
            lock (_attempts)
            {
                _attempts.Add(read.Id);
            }

            using var _ = read.Continue("test");
            if (Fail(read) is { } failure)
            {
                throw failure;
            }

            work.Execute(new NpgsqlBatchCommand(
                """
                insert into audit_entry (event_id, task_id, user_id, event_type, occurred_at, correlation_id, changes)
                values ($1, $2, $3, $4, $5, $6, '[]')
                """)
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid> { TypedValue = read.Id },
                    new NpgsqlParameter<Guid> { TypedValue = read.TaskId!.Value },
                    new NpgsqlParameter<Guid> { TypedValue = read.UserId!.Value },
                    new NpgsqlParameter<string> { TypedValue = read.Type },
                    new NpgsqlParameter<DateTimeOffset> { TypedValue = read.Time },
                    new NpgsqlParameter<string> { TypedValue = read.CorrelationId },
                },
            });
            if (Raises is { } user)
            {
                work.AddTask(user, new TaskEdit { Title = "b" }, now: read.Time);
            }
        }

        return Task.CompletedTask;
    }
}
