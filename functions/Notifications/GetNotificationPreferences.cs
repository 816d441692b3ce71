using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Notifications;

namespace TodoFlow.Functions.Notifications;

/// <summary>GET /api/notifications/preferences: how the caller is reminded, and over which channels they can be.</summary>
public sealed class GetNotificationPreferences(PreferenceStore preferences)
{
    /// <summary>Returns 200; who never said anything gets the defaults.</summary>
    [Function(nameof(GetNotificationPreferences))]
    [RequiresScope(AccessScopes.Notifications)]
    [Returns<PreferencesResponse>(200)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/notifications/preferences")] HttpRequest request, CancellationToken ct) =>
        TypedResults.Ok(await preferences.Read(ct));
}
