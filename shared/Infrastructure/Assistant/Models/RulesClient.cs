using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.QuickAdd;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Infrastructure.Assistant.Models;

/// <summary>
/// Answers as a language model would, by fixed rules: it reads what the user asks for, calls tools, and says what they returned. So whatever
/// holds for a model's calls (scopes, approvals, limits) holds for its own.
/// </summary>
public sealed class RulesClient(Caller caller, TimeProvider clock) : IChatClient
{
    private const string Help =
        "I work by fixed rules here, without a language model. Write a task to add it (\"Call mom tomorrow 5pm #family\"), or one of these: "
        + "list tasks; what is due this week; find milk; complete buy milk; reopen buy milk; move buy milk to friday; delete buy milk; restore buy milk.";

    private static readonly JsonElement Nothing = JsonSerializer.SerializeToElement(new { });

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        var all = messages.ToList();
        var last = all.FindLastIndex(message => message.Role == ChatRole.User);
        var turn = all[(last + 1)..];
        var calls = turn.SelectMany(message => message.Contents.OfType<FunctionCallContent>()).ToList();
        var results = turn.SelectMany(message => message.Contents.OfType<FunctionResultContent>()).Select(result => result.Result is JsonElement json ? json : Nothing).ToList();

        var (text, call) = Next(all[last].Text, calls, results);
        if (call is { } asked && options?.Tools?.Any(tool => tool.Name == asked.Name) != true)
        {
            (text, call) = ("This access token may not do that.", null);
        }

        yield return call is { } made
            ? new(ChatRole.Assistant, [ToolCalls.Of($"rule_{calls.Count + 1}", made.Name, made.Arguments)]) { FinishReason = ChatFinishReason.ToolCalls }
            : new(ChatRole.Assistant, text) { FinishReason = ChatFinishReason.Stop };
    }

    private (string Text, (string Name, JsonObject Arguments)? Call) Next(string message, List<FunctionCallContent> calls, List<JsonElement> results)
    {
        var (intent, context) = (RulesIntent.Read(message), new QuickAddContext(
            clock.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById(caller.TimeZone), NotificationPreference.DefaultAllDayReminderTime));
        var due = intent.When is null ? null : RulesDates.Due(intent.When, context);
        if (intent.Ask == RulesAsk.Reschedule && due is null)
        {
            intent = new(RulesAsk.Add, message); // "Move the couch to the basement"
        }

        if (results.Count == 0)
        {
            return intent.Ask switch
            {
                RulesAsk.Help => (Help, null),
                RulesAsk.Add => Add(intent.About, context),
                RulesAsk.List => ("", ("find_tasks", RulesListing.Arguments(intent.About, context))),
                RulesAsk.Search when RulesDates.Words(intent.About).Length == 0 => (Help, null),
                RulesAsk.Search => ("", ("find_tasks", new() { ["query"] = RulesDates.Words(intent.About), ["status"] = "any", ["limit"] = 20 })),
                RulesAsk.Restore => ("", ("find_tasks", new() { ["in_trash"] = true, ["limit"] = 50 })),
                RulesAsk.Reopen => ("", ("find_tasks", new() { ["query"] = RulesDates.Words(intent.About), ["status"] = "completed", ["limit"] = 10 })),
                _ => ("", ("find_tasks", new() { ["query"] = RulesDates.Words(intent.About), ["limit"] = 10 })),
            };
        }

        var result = results[^1];
        if (result.TryGetProperty("error", out var error))
        {
            return (error.TryGetProperty("detail", out var detail) && detail.GetString() is { } why && error.GetProperty("code").GetString() != "not_approved" ? why : "Nothing was changed.", null);
        }

        if (calls[^1].Name != "find_tasks")
        {
            return (Outcome(result), null);
        }

        var found = result.GetProperty("tasks").EnumerateArray().ToList();
        if (intent.Ask is RulesAsk.List or RulesAsk.Search)
        {
            return (Listed(found, result.TryGetProperty("next_cursor", out _)), null);
        }

        return Choose(found, intent) is { } chosen
            ? ("", Change(intent.Ask, chosen, due))
            : (Unclear([.. found.Where(task => intent.Ask != RulesAsk.Restore || Contains(task, intent.About))], intent), null);
    }

    private static (string, (string, JsonObject)?) Add(string text, QuickAddContext context)
    {
        var read = QuickAddParser.Parse(text.Length > QuickAddParser.MaxLength ? text[..QuickAddParser.MaxLength] : text, context).Edit;
        if (string.IsNullOrWhiteSpace(read.Title.Value))
        {
            return ("Say also what is to be done.", null);
        }

        var task = new JsonObject { ["title"] = read.Title.Value };
        if (read.DueDate.Value is { } due)
        {
            task["due_date"] = due.Text;
        }

        if (read.Priority.Value is not TaskPriority.Medium and var priority)
        {
            task["priority"] = priority.ToString().ToLowerInvariant();
        }

        if (read.Tags.Value is { Length: > 0 } tags)
        {
            task["tags"] = new JsonArray([.. tags.Select(tag => JsonValue.Create(tag))]);
        }

        if (read.Recurrence.Value is { } recurrence)
        {
            (task["recurrence"], task["recurrence_basis"]) = (recurrence, read.RecurrenceBasis.Value.ToString().ToLowerInvariant());
        }

        if (read.ReminderOffset.IsSet)
        {
            task["reminders"] = read.ReminderOffset.Value is { } offset ? new JsonArray(offset) : new JsonArray();
        }

        return ("", ("add_tasks", new() { ["tasks"] = new JsonArray(task) }));
    }

    private static (string, JsonObject)? Change(RulesAsk ask, JsonElement task, string? due)
    {
        var id = task.GetProperty("id").GetString();
        return ask switch
        {
            RulesAsk.Reschedule => ("reschedule_tasks", new() { ["tasks"] = new JsonArray(new JsonObject { ["id"] = id, ["due_date"] = due }) }),
            RulesAsk.Complete => ("complete_tasks", Ids()),
            RulesAsk.Reopen => ("reopen_tasks", Ids()),
            RulesAsk.Restore => ("restore_tasks", Ids()),
            _ => ("delete_tasks", Ids()),
        };

        JsonObject Ids() => new() { ["ids"] = new JsonArray(id) };
    }

    // The one with exactly this title, else the only one that has it in its title. What was found by its notes or in spite of a typing error may be another than is meant.
    private static JsonElement? Choose(List<JsonElement> found, RulesIntent intent)
    {
        var exact = found.Where(task => string.Equals(Title(task), intent.About, StringComparison.OrdinalIgnoreCase)).ToList();
        var containing = found.Where(task => Contains(task, intent.About)).ToList();
        return exact.Count == 1 ? exact[0]
            : exact.Count == 0 && containing.Count == 1 ? containing[0]
            : null;
    }

    private static bool Contains(JsonElement task, string words) => Title(task).Contains(words, StringComparison.OrdinalIgnoreCase);

    private static string Unclear(List<JsonElement> found, RulesIntent intent) => found.Count == 0
        ? $"I found no {(intent.Ask switch { RulesAsk.Reopen => "completed task", RulesAsk.Restore => "task in the trash", _ => "open task" })} with these words. To add a task, begin with \"add\"."
        : $"Which one? Write its whole title.\n{Lines(found)}";

    private static string Listed(List<JsonElement> found, bool more) => found.Count switch
    {
        0 => "There are none.",
        1 => $"There is one:\n{Lines(found)}",
        _ => $"{(more ? "The first " : "")}{found.Count.ToString(CultureInfo.InvariantCulture)} tasks:\n{Lines(found)}",
    };

    private static string Lines(List<JsonElement> tasks)
    {
        var text = new StringBuilder();
        foreach (var task in tasks)
        {
            text.Append("- ").Append(Title(task)).Append(Due(task)).Append('\n');
        }

        return text.ToString().TrimEnd();
    }

    private static string Outcome(JsonElement result)
    {
        var lines = result.GetProperty("results").EnumerateArray().Select(item =>
        {
            var status = item.GetProperty("status").GetString();
            var task = item.TryGetProperty("task", out var changed) ? changed : default;
            var title = task.ValueKind == JsonValueKind.Object ? $" \"{Title(task)}\"{Due(task)}" : "";
            return status switch
            {
                "created" => $"Added{title}.",
                "exists" => $"It is there already:{title}.",
                "completed" => $"Completed{title}.",
                "reopened" => $"Reopened{title}.",
                "rescheduled" => $"Moved{title}.",
                "deleted" => "Moved to the trash. Write \"restore\" and its title to take it back.",
                "restored" => $"Restored{title}.",
                "failed" when item.TryGetProperty("error", out var error) => error.GetProperty("detail").GetString()!,
                "unchanged" => "Nothing had to be changed.",
                _ => "Nothing was changed.",
            };
        });
        return string.Join('\n', lines);
    }

    private static string Title(JsonElement task) => task.TryGetProperty("title", out var title) ? title.GetString() ?? "" : "";

    private static string Due(JsonElement task) =>
        task.TryGetProperty("due_date", out var due) && due.ValueKind == JsonValueKind.String
            ? $" ({(task.TryGetProperty("due_weekday", out var day) ? day.GetString() + ", " : "")}{due.GetString()!.Replace('T', ' ')})"
            : "";
}
