namespace TodoFlow.Domain.Diagnostics;

/// <summary>The id that ties everything one request caused together: responses, logs, events and what follows from them.</summary>
public static class Correlation
{
    private static readonly AsyncLocal<string?> Ambient = new();
    private static readonly AsyncLocal<DateTimeOffset?> AmbientClientTime = new();

    /// <summary>The id of the request or event that is being worked on; empty outside of one.</summary>
    public static string Id
    {
        get => Ambient.Value ?? "";
        set => Ambient.Value = value;
    }

    /// <summary>When a device says that the change was made there that is being worked on; null where none says so. It informs, and decides nothing.</summary>
    public static DateTimeOffset? ClientTime
    {
        get => AmbientClientTime.Value;
        set => AmbientClientTime.Value = value;
    }
}
