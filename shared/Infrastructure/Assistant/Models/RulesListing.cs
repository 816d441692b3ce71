using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TodoFlow.Domain.QuickAdd;

namespace TodoFlow.Infrastructure.Assistant.Models;

/// <summary>Reads what is listed, in English: "overdue", "this week", "#home", "high priority", "completed", a day, or words to look for.</summary>
internal static class RulesListing
{
    private static readonly Regex Filler = new(
        @"\b(tasks?|todos?|to-?dos?|to-?do list|lists?|things?|items?|agenda|everything|all|my|the|is|are|due|for|on|by|at|of|with|priority|do i have|have i( got)?|to do|there|left|open|pending|please|me|in|from|and|have|i|got|need|should|a|about|containing)\b|[?.!,]",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    /// <summary>The arguments of <c>find_tasks</c>.</summary>
    public static JsonObject Arguments(string about, QuickAddContext context)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(context.Now, context.Zone).DateTime);
        var arguments = new JsonObject { ["limit"] = 20 };
        var rest = $" {about} ";
        foreach (var (words, apply) in new (string, Action)[]
        {
            (@"\boverdue|late\b", () => arguments["overdue"] = true),
            (@"\b(completed?|done|finished)\b", () => (arguments["status"], arguments["sort_by"]) = ("completed", "updated_at")),
            (@"\b(high|important|urgent|most important)\b|\bp1\b", () => arguments["priority"] = "high"),
            (@"\bmedium\b|\bp2\b", () => arguments["priority"] = "medium"),
            (@"\blow\b|\bp3\b", () => arguments["priority"] = "low"),
            (@"\bthis week\b", () => Between(today, today.AddDays((7 - (int)today.DayOfWeek) % 7))),
            (@"\bnext week\b", () => Between(today.AddDays(8 - ((int)today.DayOfWeek + 6) % 7 - 1), today.AddDays(14 - ((int)today.DayOfWeek + 6) % 7 - 1))),
            (@"\b(the )?next (7|seven) days\b", () => Between(today, today.AddDays(6))),
        })
        {
            var rule = new Regex(words, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
            if (rule.IsMatch(rest))
            {
                rest = rule.Replace(rest, " ");
                apply();
            }
        }

        var tags = Regex.Matches(rest, @"#([\p{L}\p{N}_-]{1,50})").Select(match => match.Groups[1].Value).ToList();
        if (tags.Count > 0)
        {
            arguments["tags"] = new JsonArray([.. tags.Select(tag => JsonValue.Create(tag))]);
            rest = Regex.Replace(rest, @"#[\p{L}\p{N}_-]{1,50}", " ");
        }

        if (RulesDates.DayIn(rest, context) is var (day, without) && day is { } on)
        {
            Between(on, on);
            rest = without;
        }

        rest = string.Join(' ', Filler.Replace(rest, " ").Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (rest.Length > 0)
        {
            arguments["query"] = RulesDates.Words(rest);
        }

        return arguments;

        void Between(DateOnly from, DateOnly until) => (arguments["due_from"], arguments["due_until"]) = (Text(from), Text(until));
    }

    private static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
