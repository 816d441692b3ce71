using System.Text.Json;
using TodoFlow.Bench.Http;

namespace TodoFlow.Bench.Growth;

/// <summary>A request that is counted, once for each number.</summary>
/// <param name="Name">Its name in the tables.</param>
/// <param name="HasTwin">Whether the twin answers it, too.</param>
/// <param name="Make">The request of a number.</param>
public sealed record CountedRequest(string Name, bool HasTwin, Func<int, (Guid User, HttpMethod Method, string Path, string? Body)> Make)
{
    private static readonly string[] Tags = ["home", "weekly"];

    /// <summary>The requests over a set of data.</summary>
    public static IEnumerable<CountedRequest> All(TaskData data)
    {
        var own = new Guid[4096]; // ids of tasks that the requests create themselves
        for (var i = 0; i < own.Length; i++)
        {
            own[i] = Guid.CreateVersion7();
        }

        Guid Writer(int number) => data.Writers[number % data.Writers.Count];
        Guid Reader(int number) => data.Users[number % data.Users.Count];
        (Guid, Guid) Task(int number) => data.Tasks[number % data.Tasks.Count];
        (Guid, HttpMethod, string, string?) OfTask(int number, HttpMethod method, string action, string? body)
        {
            var (user, task) = Task(number);
            return (user, method, $"/api/tasks/{task}{action}", body);
        }

        yield return new("get", true, number => OfTask(number, HttpMethod.Get, "", null));
        yield return new("list 50 by due date", true, number => (Reader(number), HttpMethod.Get, "/api/tasks?status=pending&sort_by=due_date&order=asc&limit=50", null));
        yield return new("list by tag", true, number => (Reader(number), HttpMethod.Get, $"/api/tasks?tags={TaskData.Tag}&limit=50", null));
        yield return new("list by tag, by due date", false, number => (Reader(number), HttpMethod.Get, $"/api/tasks?tags={TaskData.Tag}&sort_by=due_date&order=asc&limit=50", null));
        yield return new("list by tag, by title", false, number => (Reader(number), HttpMethod.Get, $"/api/tasks?tags={TaskData.Tag}&sort_by=title&order=asc&limit=50", null));
        yield return new("search, common word", true, number => (Reader(number), HttpMethod.Post, "/api/tasks/search", Query(TaskData.CommonWord)));
        yield return new("search, rare word", true, number => (Reader(number), HttpMethod.Post, "/api/tasks/search", Query(TaskData.RareWord)));
        yield return new("create", true, number => (Writer(number), HttpMethod.Post, "/api/tasks", NewTask(null, null)));
        yield return new("create with a reminder", false, number => (Writer(number), HttpMethod.Post, "/api/tasks", NewTask(own[number], "15 minutes")));
        yield return new("update the title", false, number => OfTask(number, HttpMethod.Put, "", JsonSerializer.Serialize(new { title = $"Changed {number}" })));
        yield return new("complete, with reminder", false, number => (Writer(number), HttpMethod.Post, $"/api/tasks/{own[number]}/complete", null));
        yield return new("delete", false, number => (Writer(number), HttpMethod.Delete, $"/api/tasks/{own[number]}", null));
    }

    private static string Query(string word) => JsonSerializer.Serialize(new { query = word });

    private static string NewTask(Guid? id, string? offset) => JsonSerializer.Serialize(new
    {
        id = id ?? Guid.CreateVersion7(),
        title = "Water the plants",
        description = "The ones on the balcony, too",
        priority = "high",
        tags = Tags,
        due_date = "2099-12-01T09:30:00Z",
        reminder_offset = offset,
    });
}
