using System.Text.RegularExpressions;

namespace TodoFlow.Tests.Support;

/// <summary>What a PromQL expression names, as far as a test needs it. Prometheus itself parses it elsewhere.</summary>
public static partial class PromQl
{
    private static readonly HashSet<string> Words = ["and", "or", "unless", "bool", "offset", "inf", "nan"];

    /// <summary>The metrics of an expression.</summary>
    public static IReadOnlySet<string> Metrics(string expression)
    {
        var bare = Braces().Replace(Range().Replace(Text().Replace(expression, ""), ""), "");
        bare = Grouping().Replace(bare, " ");
        return Identifier().Matches(bare).Select(match => match.Value).Where(name => !Words.Contains(name)).ToHashSet();
    }

    /// <summary>The labels of an expression, of selectors and of groupings.</summary>
    public static IReadOnlySet<string> Labels(string expression) => new HashSet<string>(
    [
        .. Braces().Matches(expression).SelectMany(selector => Label().Matches(selector.Value)).Select(match => match.Groups[1].Value),
        .. Grouping().Matches(Text().Replace(expression, "")).SelectMany(match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)),
    ]);

    [GeneratedRegex("""
        "(?:[^"\\]|\\.)*"
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Text();

    [GeneratedRegex(@"\{(?:[^}""]|""(?:[^""\\]|\\.)*"")*\}")]
    private static partial Regex Braces();

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Range();

    [GeneratedRegex(@"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"(\w+)\s*(?:=~|!~|!=|=)")]
    private static partial Regex Label();

    // A name that is no function: no parenthesis follows, nor is it an aggregation before its grouping.
    [GeneratedRegex(@"(?<![\w.])[a-zA-Z_:][\w:]*(?![\w:]|\s*\()")]
    private static partial Regex Identifier();
}
