using System.Text.RegularExpressions;
using TodoFlow.Host.Configuration;

namespace TodoFlow.Host.Discovery;

/// <summary>Replaces <c>%Setting%</c> in a trigger's properties with the setting's value, as the Functions host does.</summary>
internal static partial class SettingExpressions
{
    /// <summary>The text with every <c>%Setting%</c> replaced; null stays null.</summary>
    /// <exception cref="HostStartException">A setting is missing or empty.</exception>
    public static string? Resolve(string function, string property, string? text, IConfiguration configuration) =>
        text is null ? null : Expression().Replace(text, match =>
        {
            var setting = match.Groups[1].Value;
            var value = configuration[setting];
            return string.IsNullOrEmpty(value)
                ? throw HostStartException.ForFunction(function, $"needs the setting '{setting}' (its {property} is '{text}'), and it is not set")
                : value;
        });

    [GeneratedRegex("%([^%]+)%", RegexOptions.CultureInvariant)]
    private static partial Regex Expression();
}
