using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Memory;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>Reads a file whole, before anything of it is stored.</summary>
public sealed class ImportReader(RequestBytes bytes, IOptions<ImportSettings> settings, Caller caller, TimeProvider clock)
{
    private const string Todoist = "todoist";
    private const int MostFiles = 1000;

    // What is read takes about as much as the file again.
    private const int Held = 2;

    /// <summary>Reads a file.</summary>
    /// <param name="file">Its bytes.</param>
    /// <param name="mediaType">What it is.</param>
    /// <param name="ct">Ends the work.</param>
    /// <exception cref="ProblemException">
    /// 400 <c>malformed_file</c>, saying what is wrong with it and where; 413: it holds more than it may; 415: it is of no kind that is read;
    /// 503: the process holds as many bytes as it may.
    /// </exception>
    public async Task<ImportFile> Read(ReadOnlyMemory<byte> file, string mediaType, CancellationToken ct)
    {
        try
        {
            return mediaType.ToLowerInvariant() switch
            {
                "application/json" => Json(file, null),
                "text/csv" => new(Todoist, Take(Csv(file, null, NewTodoist()))),
                "text/calendar" => Calendar(file),
                "application/zip" or "application/x-zip-compressed" => await Archive(file, ct),
                _ => throw new Problem(415, "unsupported_media_type", "Send application/json, text/csv, text/calendar or application/zip.").AsException(),
            };
        }
        catch (InvalidDataException error)
        {
            throw ImportFile.Malformed($"The archive cannot be read: {error.Message}");
        }
    }

    private ImportFile Json(ReadOnlyMemory<byte> file, string? name)
    {
        bytes.Take(Held * (long)file.Length);
        try
        {
            var root = JsonDocument.Parse(WithoutMark(file)).RootElement; // lives as long as the items
            return TodoFlowFile.Is(root) ? new(AccountExport.Format, Take(TodoFlowFile.Read(root)))
                : MicrosoftToDoFile.Is(root) ? new("microsoft_todo", Take(new MicrosoftToDoFile(Zone).Read(root)))
                : throw ImportFile.Malformed($"{name ?? "The file"} is neither an export of TodoFlow nor one of Microsoft To Do (lists with tasks).");
        }
        catch (JsonException error)
        {
            throw ImportFile.Malformed($"{name ?? "The file"} is not valid JSON at line {error.LineNumber + 1}, position {error.BytePositionInLine + 1}.");
        }
        catch (InvalidOperationException)
        {
            throw ImportFile.Malformed($"{name ?? "The file"} has text that is not valid Unicode."); // such as half a surrogate pair
        }
    }

    private ImportFile Calendar(ReadOnlyMemory<byte> file)
    {
        if (file.Length > settings.Value.MaxCalendarBytes)
        {
            throw TooLarge($"An iCalendar file may have {settings.Value.MaxCalendarBytes} bytes at most: import it in parts.");
        }

        bytes.Take(Held * (long)file.Length);
        return new("icalendar", Take(new CalendarFile(caller.TimeZone).Read(Text(file, null))));
    }

    private IEnumerable<ImportItem> Csv(ReadOnlyMemory<byte> file, string? name, TodoistFile todoist)
    {
        bytes.Take(Held * (long)file.Length);
        return todoist.Read(new StringReader(Text(file, name)), name);
    }

    // Todoist's backup has a file for each project. What an archive says of its lengths is not believed.
    private async Task<ImportFile> Archive(ReadOnlyMemory<byte> file, CancellationToken ct)
    {
        using var archive = new ZipArchive(new MemoryStream(file.ToArray(), writable: false), ZipArchiveMode.Read);
        if (archive.Entries.Count > MostFiles)
        {
            throw ImportFile.Malformed($"The archive has more than {MostFiles} files.");
        }

        var (items, todoist, left) = (new List<ImportItem>(), NewTodoist(), settings.Value.MaxBytes);
        var projects = archive.Entries.Where(entry => entry.Name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)).ToList();
        if (projects.Count == 0)
        {
            throw ImportFile.Malformed("The archive has no .csv file: it is no backup of Todoist.");
        }

        foreach (var project in projects)
        {
            var text = await Unpack(project, left, ct);
            left -= text.Length;
            items.AddRange(Take(Csv(text, project.Name.Length > 100 ? project.Name[..100] : project.Name, todoist), items.Count));
        }

        return new(Todoist, items);
    }

    private async Task<ReadOnlyMemory<byte>> Unpack(ZipArchiveEntry entry, int left, CancellationToken ct)
    {
        await using var packed = await entry.OpenAsync(ct);
        using var unpacked = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await packed.ReadAsync(buffer, ct)) > 0)
        {
            bytes.Take(read);
            if (unpacked.Length + read > left)
            {
                throw TooLarge($"What the archive holds is larger than {settings.Value.MaxBytes} bytes.");
            }

            unpacked.Write(buffer, 0, read);
        }

        return unpacked.ToArray();
    }

    private List<ImportItem> Take(IEnumerable<ImportItem> items, int before = 0)
    {
        var taken = new List<ImportItem>();
        foreach (var item in items)
        {
            if (before + taken.Count == settings.Value.MaxTasks)
            {
                throw TooLarge($"The file has more than {settings.Value.MaxTasks} tasks: import it in parts.");
            }

            taken.Add(item);
        }

        return taken;
    }

    private TodoistFile NewTodoist() => new(Zone, clock.GetUtcNow());

    private TimeZoneInfo Zone => TimeZoneInfo.FindSystemTimeZoneById(caller.TimeZone);

    private static string Text(ReadOnlyMemory<byte> file, string? name) => Utf8.IsValid(file.Span)
        ? Encoding.UTF8.GetString(WithoutMark(file).Span)
        : throw ImportFile.Malformed($"{name ?? "The file"} is not valid UTF-8.");

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> file) => file.Span.StartsWith("\uFEFF"u8) ? file[3..] : file;

    private static ProblemException TooLarge(string detail) => new Problem(413, "file_too_large", detail).AsException();
}
