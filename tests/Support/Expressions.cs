using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace TodoFlow.Tests.Support;

/// <summary>Regular expressions that read what users write.</summary>
public static class Expressions
{
    /// <summary>
    /// Fails unless every expression that a type keeps takes time in proportion to the text, whatever the text is. A clock would tell
    /// of a busy machine as well.
    /// </summary>
    public static void NeverBacktrack(Type type)
    {
        var kept = type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .SelectMany(field => field.GetValue(null) switch
            {
                Regex one => [one],
                Regex[] several => several,
                _ => Array.Empty<Regex>(),
            })
            .ToList();
        Assert.NotEmpty(kept);
        Assert.All(kept, expression => Assert.True(expression.Options.HasFlag(RegexOptions.NonBacktracking), expression.ToString()));
    }
}
