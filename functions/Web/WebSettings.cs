using TodoFlow.Settings;

namespace TodoFlow.Functions.Web;

/// <summary>Where the web app's files are.</summary>
public sealed class WebSettings : ISettings
{
    /// <inheritdoc/>
    public static string Section => "Web";

    /// <summary>The folder that holds what <c>npm run build</c> wrote; by default <c>wwwroot</c> beside the program, where that is there.</summary>
    public string? Root { get; set; }

    /// <inheritdoc/>
    public IEnumerable<string> Check()
    {
        if (Root is not null && !Directory.Exists(Root))
        {
            yield return $"Web:Root names the folder '{Root}', which is not there.";
        }
    }
}
