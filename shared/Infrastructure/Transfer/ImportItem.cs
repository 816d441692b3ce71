using System.Text.Json;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>A task of a file, in the words of this API, not yet checked.</summary>
/// <param name="Key">What the file knows it by: the same in every file of the same program.</param>
/// <param name="Source">Where in the file it is, for people.</param>
public sealed record ImportItem(string Key, string Source)
{
    private const int LongestRead = 1000; // characters of what becomes a tag, which may stand above many tasks

    /// <summary>Its fields, as <c>POST /api/tasks</c> takes them.</summary>
    public Dictionary<string, JsonElement> Fields { get; } = new(StringComparer.Ordinal);

    /// <summary>When it was completed; null where it is open.</summary>
    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>When it was created; null where the file does not say.</summary>
    public DateTimeOffset? CreatedAt { get; set; }

    /// <summary>The id that it had here, or in another account; null in files of other programs.</summary>
    public Guid? OriginalId { get; init; }

    /// <summary>Its place in a series, by the ids that it had; null in files of other programs.</summary>
    public ImportedPlace? Place { get; set; }

    /// <summary>Its reminders, apart from that of <c>reminder_offset</c>.</summary>
    public List<ImportedReminder> Reminders { get; } = [];

    /// <summary>What is wrong with it.</summary>
    public List<FieldError> Errors { get; } = [];

    /// <summary>What of it cannot be taken over.</summary>
    public List<FieldError> Warnings { get; } = [];

    /// <summary>Its title as the file has it, for people; null where it is none.</summary>
    public string? Title
    {
        get
        {
            try
            {
                return Fields.TryGetValue("title", out var title) && title.ValueKind == JsonValueKind.String ? title.GetString() : null;
            }
            catch (InvalidOperationException)
            {
                return null; // half a surrogate pair, which its check refuses
            }
        }
    }

    /// <summary>Sets a field, unless there is nothing to set.</summary>
    public void Set(string field, string? value)
    {
        if (value is not null)
        {
            Fields[field] = JsonSerializer.SerializeToElement(value);
        }
    }

    /// <summary>Sets the tags: those that are longer than tags may be are cut, and what is no text is left out.</summary>
    public void SetTags(IEnumerable<string?> tags)
    {
        string[] kept = [.. tags.Select(Tag).OfType<string>().Distinct(StringComparer.Ordinal)];
        if (kept.Length > TaskItem.MaxTags)
        {
            Warnings.Add(new("tags", $"had more than {TaskItem.MaxTags} entries"));
            kept = kept[..TaskItem.MaxTags];
        }

        Fields["tags"] = JsonSerializer.SerializeToElement(kept);
    }

    private static string? Tag(string? tag)
    {
        var text = string.Concat((tag ?? "").Take(LongestRead).Where(character => !char.IsControl(character))).Trim();
        var length = Math.Min(text.Length, 50);
        length -= length > 0 && char.IsHighSurrogate(text[length - 1]) ? 1 : 0;
        return text[..length].Trim() is { Length: > 0 } kept ? kept : null;
    }
}

/// <summary>A reminder of a task of a file: before its due date, or at an instant.</summary>
/// <param name="Offset">How long before the due date; null for one at an instant.</param>
/// <param name="At">The instant; null for one before the due date.</param>
public sealed record ImportedReminder(string? Offset, DateTimeOffset? At);

/// <summary>What was read of a file.</summary>
/// <param name="Format">Whose file it is: <c>todoflow</c>, <c>todoist</c>, <c>microsoft_todo</c> or <c>icalendar</c>.</param>
/// <param name="Items">The tasks, in the order of the file.</param>
public sealed record ImportFile(string Format, List<ImportItem> Items)
{
    /// <summary>400: the file cannot be read.</summary>
    /// <param name="detail">What is wrong with it, and where.</param>
    internal static ProblemException Malformed(string detail) => new Problem(400, "malformed_file", detail).AsException();
}
