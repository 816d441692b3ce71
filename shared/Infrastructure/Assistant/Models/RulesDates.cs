using TodoFlow.Domain.QuickAdd;

namespace TodoFlow.Infrastructure.Assistant.Models;

/// <summary>Dates in messages, read by quick add.</summary>
internal static class RulesDates
{
    private const string Title = "Zzz"; // no word of any language, which a date may stand behind
    private const int MostWords = 20;

    /// <summary>The due date that a text names and nothing else, as tools take it; null where it is none.</summary>
    public static string? Due(string text, QuickAddContext context)
    {
        var edit = QuickAddParser.Parse($"{Title} {text}", context).Edit;
        return edit.Title.Value == Title && edit.Rule is null ? edit.DueDate.Value?.Text : null;
    }

    /// <summary>The day that a text names, and the text without it; no day where it names none.</summary>
    public static (DateOnly? Day, string Without) DayIn(string text, QuickAddContext context)
    {
        var edit = QuickAddParser.Parse($"{Title} {text}", context).Edit;
        if (edit.DueDate.Value is not { } due || edit.Rule is not null)
        {
            return (null, text);
        }

        var day = due.Date ?? DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(due.Instant!.Value, context.Zone).DateTime);
        return (day, edit.Title.Value!.Replace(Title, "", StringComparison.Ordinal));
    }

    /// <summary>Words as the search takes them: none of them is an operator.</summary>
    public static string Words(string text) => string.Join(' ', text
        .Split([' ', '"', '“', '”', '„'], StringSplitOptions.RemoveEmptyEntries)
        .Select(word => word.TrimStart('-', '+'))
        .Where(word => word.Length > 0 && !word.Equals("or", StringComparison.OrdinalIgnoreCase))
        .Take(MostWords));
}
