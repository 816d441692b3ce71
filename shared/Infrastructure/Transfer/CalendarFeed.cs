using System.Security.Cryptography;
using System.Text;
using Ical.Net;
using Ical.Net.Serialization;
using Npgsql;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Persistence.Rows;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>
/// Writes a user's open tasks that have a due date as iCalendar, by Ical.Net, which escapes and folds. Each is an event and not a VTODO:
/// the programs that subscribe to an address show events, and most pass over tasks.
/// </summary>
public sealed class CalendarFeed(NpgsqlDataSource database, PageBudget budget, TimeProvider clock)
{
    private const int Most = 1000;

    // What was due longer ago is no news in a calendar.
    private static readonly TimeSpan Past = TimeSpan.FromDays(92);

    /// <summary>Writes the feed: the tasks that are due first, up to a thousand of them, or to the length of a page.</summary>
    /// <returns>The text, and its entity tag: the same while no task in it changes.</returns>
    public async Task<(string Text, string Tag)> Write(Guid user, CancellationToken ct)
    {
        var calendar = new Calendar { ProductId = "-//TodoFlow//Tasks//EN", Method = "PUBLISH" };
        calendar.AddProperty("X-WR-CALNAME", "TodoFlow");
        calendar.AddProperty("X-PUBLISHED-TTL", "PT1H");
        var zones = new HashSet<string>(StringComparer.Ordinal);
        foreach (var task in await Read(user, ct))
        {
            foreach (var shown in CalendarEvents.Of(task))
            {
                calendar.Events.Add(shown);
                if (shown.Start is { HasTime: true, IsUtc: false, TzId: { } zone } && zones.Add(zone))
                {
                    calendar.AddTimeZone(zone, clock.GetUtcNow().UtcDateTime.AddYears(-1).Date, includeHistoricalData: false);
                }
            }
        }

        var text = new CalendarSerializer(calendar).SerializeToString()!;
        return (text, $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16))}\"");
    }

    private async Task<List<TaskItem>> Read(Guid user, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            $"select {TaskItemRows.Columns} from task_item where user_id = $1 and status = 0 and due_at > $2 order by due_at, id limit {Most}");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() - Past });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var tasks = new List<TaskItem>();
        while (await rows.ReadAsync(ct))
        {
            var task = TaskItemRows.Read(rows);
            if (!budget.Add(TaskResponseRows.JsonSizeOf(TaskResponse.From(task))))
            {
                break;
            }

            tasks.Add(task);
        }

        return tasks;
    }
}
