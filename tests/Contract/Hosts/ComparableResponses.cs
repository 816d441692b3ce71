using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using TodoFlow.Tests.Support;

namespace TodoFlow.Tests.Contract.Hosts;

/// <summary>
/// Writes answers so that those of two hosts can be compared: ids are numbered in the order in which they appear; what is an instant
/// of now, random or secret gives way to its name. Everything else stays as it was sent.
/// </summary>
internal sealed partial class ComparableResponses(Uri address)
{
    // These belong to a connection or to a server's name.
    private static readonly HashSet<string> OfTheConnection = new(["Date", "Server", "Transfer-Encoding", "Content-Length", "Keep-Alive", "Connection"], StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<string, int> _ids = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Status, headers and body.</summary>
    public string Write(ApiAnswer answer)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{answer.Status}\n");
        foreach (var (name, value) in answer.Headers.Where(header => !OfTheConnection.Contains(header.Key)).OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}: {(name is "RateLimit" ? RateLimit().Replace(value, "r=<left>;t=<seconds>") : value)}\n");
        }

        return Replace(text.Append('\n').Append(answer.Body).ToString());
    }

    private string Replace(string text)
    {
        text = text.Replace(address.GetLeftPart(UriPartial.Authority), "<address>", StringComparison.Ordinal);
        text = Secret().Replace(text, "${name}\":\"<secret>\"");
        text = Cookie().Replace(text, "todoflow_refresh=<secret>");
        text = Trace().Replace(text, "\"trace_id\":\"<trace>\"");
        text = Cursor().Replace(text, "cursor=<cursor>");
        text = Id().Replace(text, id => _ids.TryGetValue(id.Value, out var number) ? $"<id {number}>" : $"<id {_ids[id.Value] = _ids.Count + 1}>");
        return Instant().Replace(text, instant =>
            DateTimeOffset.TryParse(instant.Value, CultureInfo.InvariantCulture, out var at) && (DateTimeOffset.UtcNow - at).Duration() < TimeSpan.FromHours(1)
                ? "<now>"
                : instant.Value);
    }

    [GeneratedRegex(@"r=\d+;t=\d+")]
    private static partial Regex RateLimit();

    [GeneratedRegex("(?<name>access_token|refresh_token)\":\"[^\"]+\"")]
    private static partial Regex Secret();

    [GeneratedRegex("todoflow_refresh=[^;]+")]
    private static partial Regex Cookie();

    [GeneratedRegex("\"trace_id\":\"[^\"]+\"")]
    private static partial Regex Trace();

    [GeneratedRegex("cursor=[^&>\"]+")]
    private static partial Regex Cursor();

    [GeneratedRegex("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")]
    private static partial Regex Id();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")]
    private static partial Regex Instant();
}
