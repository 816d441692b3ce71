using System.Diagnostics;

namespace TodoFlow.Events;

/// <summary>Where traces come from.</summary>
public static class Telemetry
{
    /// <summary>The name to listen to.</summary>
    public const string Name = "TodoFlow";

    /// <summary>The source of the domain's spans.</summary>
    public static ActivitySource Source { get; } = new(Name);
}
