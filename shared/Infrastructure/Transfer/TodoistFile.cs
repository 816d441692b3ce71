using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CsvHelper;
using CsvHelper.Configuration;
using TodoFlow.Domain.Calendar;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>
/// Reads a project of Todoist's backup: CSV with the columns of its template (TYPE, CONTENT, DESCRIPTION, PRIORITY, INDENT, AUTHOR,
/// RESPONSIBLE, DATE, DATE_LANG, TIMEZONE and others). A backup has open tasks only, and no ids: a task is known by its project, section,
/// parents and text, and by its number where several are the same.
/// </summary>
/// <param name="zone">The zone of the user.</param>
/// <param name="now">The time of the import, UTC: what <c>every Monday</c> begins from.</param>
internal sealed partial class TodoistFile(TimeZoneInfo zone, DateTimeOffset now)
{
    private const char Separator = '\u001f';

    // Every task is known by all parents: what is longer is known by its digest, or a few long ones above many tasks would fill the memory.
    private const int LongestKey = 2000;

    private const int LongestNotes = 10_002; // as long as a description may be, and what parts it from nothing

    private readonly Dictionary<string, int> _seen = new(StringComparer.Ordinal);

    /// <summary>Reads a file.</summary>
    /// <param name="text">The CSV.</param>
    /// <param name="name">The file's name in the backup; null where it came alone.</param>
    public IEnumerable<ImportItem> Read(TextReader text, string? name)
    {
        var project = name is null ? null : ProjectId().Replace(Path.GetFileNameWithoutExtension(name), "").Trim();
        var place = name is null ? "line " : $"{name}, line ";
        using var csv = new CsvParser(text, new CsvConfiguration(CultureInfo.InvariantCulture) { Delimiter = "," });
        var columns = Columns(Row(csv, place) ?? throw ImportFile.Malformed($"{name ?? "The file"} is empty."), place);
        string? section = null;
        var parents = new List<string>(); // their keys
        ImportItem? last = null;
        var notes = new StringBuilder();
        while (true)
        {
            var line = csv.RawRow + 1;
            if (Row(csv, place) is not { } row)
            {
                AddNotes(last, notes);
                yield break;
            }

            var (type, content) = (Field(row, columns, "TYPE").ToUpperInvariant(), Field(row, columns, "CONTENT").Trim());
            switch (type)
            {
                case "SECTION":
                    AddNotes(last, notes);
                    (section, last) = (content, null);
                    parents.Clear();
                    break;
                case "NOTE" when last is not null && content.Length > 0 && notes.Length <= LongestNotes: // with what parts them; more is refused anyway
                    notes.Append("\n\n").Append(content);
                    break;
                case "TASK":
                    AddNotes(last, notes);
                    var indent = int.TryParse(Field(row, columns, "INDENT"), NumberStyles.None, CultureInfo.InvariantCulture, out var level) ? Math.Clamp(level, 1, 20) : 1;
                    parents.RemoveRange(Math.Min(indent - 1, parents.Count), Math.Max(0, parents.Count - indent + 1));
                    var key = KeyOf(parents.Count > 0 ? parents[^1] : KeyOf(project, section), content);
                    last = Item(row, columns, content, key, [project, section], $"{place}{line}");
                    if (parents.Count > 0)
                    {
                        last.Warnings.Add(new("parent", "is not kept: tasks have no tasks below them"));
                    }

                    parents.Add(key);
                    yield return last;
                    break;
            }
        }
    }

    private static string KeyOf(string? above, string? name)
    {
        var key = $"{above}{Separator}{name}";
        return key.Length <= LongestKey ? key : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
    }

    private static void AddNotes(ImportItem? task, StringBuilder notes)
    {
        if (notes.Length > 0)
        {
            task!.Set("description", task.Fields.TryGetValue("description", out var before) ? $"{before.GetString()}{notes}" : notes.ToString(2, notes.Length - 2));
            notes.Clear();
        }
    }

    private ImportItem Item(string[] row, Dictionary<string, int> columns, string content, string key, string?[] tags, string source)
    {
        var number = _seen[key] = _seen.GetValueOrDefault(key) + 1;
        var item = new ImportItem(number == 1 ? key : $"{key}{Separator}{number}", source);
        var labels = Labels().Matches(content).Select(label => label.Groups[1].Value).ToList();
        item.Set("title", labels.Count == 0 ? content : Labels().Replace(content, "").Trim() is { Length: > 0 } title ? title : content);
        item.Set("description", Field(row, columns, "DESCRIPTION") is { Length: > 0 } description ? description : null);
        item.Set("priority", Field(row, columns, "PRIORITY") switch { "1" => "high", "2" or "3" => "medium", _ => "low" });
        item.SetTags([.. tags, .. labels]);
        ReadDate(row, columns, item);
        return item;
    }

    private void ReadDate(string[] row, Dictionary<string, int> columns, ImportItem item)
    {
        var date = Field(row, columns, "DATE").Trim();
        date = date.Length > 0 ? date : Field(row, columns, "DEADLINE").Trim();
        if (date.Length == 0)
        {
            return;
        }

        var dates = new TodoistDates(zone, now);
        var named = Field(row, columns, "TIMEZONE").Trim();
        if (named.Length > 0 && ZoneIds.TryFind(named, out var found))
        {
            dates = new TodoistDates(found, now);
        }
        else if (named.Length > 0)
        {
            item.Warnings.Add(new("time_zone", "is not known: the user's own was taken"));
        }

        if (Field(row, columns, "DATE_LANG") is not ("" or "en") || dates.Read(date) is not { } read)
        {
            item.Warnings.Add(new("due_date", "is not understood, and is kept in the description"));
            var before = item.Fields.TryGetValue("description", out var description) ? description.GetString() + "\n\n" : "";
            item.Set("description", $"{before}Date: {date}");
            return;
        }

        item.Set("due_date", read.Due.ToString());
        item.Set("time_zone", dates.Zone.Id);
        item.Set("recurrence", read.Recurrence);
        item.Set("recurrence_basis", read.FromCompletion ? "completion" : null);
    }

    private static string[]? Row(CsvParser csv, string place)
    {
        var line = csv.RawRow + 1;
        try
        {
            return csv.Read() ? csv.Record : null;
        }
        catch (BadDataException)
        {
            throw ImportFile.Malformed($"{place}{line} is no CSV: a quote is not closed, or stands inside a field.");
        }
    }

    private static Dictionary<string, int> Columns(string[] header, string place)
    {
        var columns = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var (index, name) in header.Index())
        {
            columns.TryAdd(name.Trim('\uFEFF', ' '), index);
        }

        return columns.ContainsKey("TYPE") && columns.ContainsKey("CONTENT") ? columns
            : throw ImportFile.Malformed($"{place}1 must name the columns of Todoist's template, TYPE and CONTENT at least.");
    }

    private static string Field(string[] row, Dictionary<string, int> columns, string name) =>
        columns.TryGetValue(name, out var index) && index < row.Length ? row[index] : "";

    // "Inbox [2201234567].csv"
    [GeneratedRegex(@"\s*\[[0-9A-Za-z]+\]\z")]
    private static partial Regex ProjectId();

    [GeneratedRegex(@"(?<=^|\s)@([^\s@]+)")]
    private static partial Regex Labels();
}
