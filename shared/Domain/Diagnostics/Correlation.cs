namespace TodoFlow.Domain.Diagnostics;

/// <summary>The id that ties everything one request caused together: responses, logs, events and what follows from them.</summary>
public static class Correlation
{
    private static readonly AsyncLocal<string?> Ambient = new();

    /// <summary>The id of the request or event that is being worked on; empty outside of one.</summary>
    public static string Id
    {
        get => Ambient.Value ?? "";
        set => Ambient.Value = value;
    }
}
