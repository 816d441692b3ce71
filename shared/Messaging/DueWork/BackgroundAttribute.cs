using Microsoft.Extensions.DependencyInjection;

namespace TodoFlow.Messaging.DueWork;

/// <summary>
/// Marks the database's services that background work has for itself: timers, relays, consumers, readiness, and who listens. Requests
/// cannot take its connections, however many there are.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class BackgroundAttribute() : FromKeyedServicesAttribute(Pool)
{
    /// <summary>The key of these services.</summary>
    public const string Pool = "background";
}
