using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Observability;

/// <summary>Who may read <c>GET /metrics</c>. Without any of these nobody may.</summary>
public sealed class MetricsSettings : ISettings
{
    private const int ShortestToken = 16;

    /// <inheritdoc/>
    public static string Section => "Metrics";

    /// <summary>
    /// One more address that the standalone host listens on, such as <c>http://*:9464</c>: there, and only there, metrics and health
    /// are served to whoever asks, and nothing else is.
    /// </summary>
    public string? Url { get; set; }

    /// <summary>The bearer token with which metrics may be read at every address.</summary>
    public string? Token { get; set; }

    /// <inheritdoc/>
    public IEnumerable<string> Check() => Token is { Length: > 0 and < ShortestToken }
        ? [$"Metrics:Token is shorter than {ShortestToken} characters: anybody could guess it."]
        : [];
}
