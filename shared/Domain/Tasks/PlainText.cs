namespace TodoFlow.Domain.Tasks;

/// <summary>The text that tasks are made of: lines that end in line feeds, without control characters other than tabs.</summary>
public static class PlainText
{
    /// <summary>Whether a character is one that no text shows, other than a tab and what breaks lines.</summary>
    public static bool IsControl(char character) => char.IsControl(character) && character is not ('\t' or '\n' or '\r');

    /// <summary>Line breaks as line feeds: CR LF, and CR alone, are one.</summary>
    public static string WithLineFeeds(string text) => text.Contains('\r') ? text.Replace("\r\n", "\n").Replace('\r', '\n') : text;

    /// <summary>The same text with line feeds and without control characters: what is pasted from somewhere may hold some.</summary>
    public static string Clean(string text) =>
        text.AsSpan().ContainsAnyInRange('\0', '\x1f') || text.AsSpan().ContainsAnyInRange('\x7f', '\x9f')
            ? string.Concat(WithLineFeeds(text).Where(character => !IsControl(character)))
            : text;
}
