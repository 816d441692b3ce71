using System.Text.Json;
using Microsoft.AspNetCore.SignalR;

namespace TodoFlow.RawTwin;

/// <summary>
/// A bare hub: whoever connects belongs to the user whom <c>access_token</c> names, and what is posted for a user is sent to all of
/// the user's devices at once.
/// </summary>
internal sealed class RawHub : Hub
{
    /// <summary>Adds the routes.</summary>
    public static WebApplication Build(WebApplicationBuilder builder)
    {
        builder.Services.AddRouting().AddSignalR();
        var app = builder.Build();
        app.UseWebSockets();
        app.MapHub<RawHub>("/hub");
        app.MapGet("/health/ready", static http => Task.CompletedTask);
        app.MapPost("/send", static async http =>
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body, default, http.RequestAborted);
            var devices = http.RequestServices.GetRequiredService<IHubContext<RawHub>>().Clients.Group(http.Request.Headers["X-User"].ToString());
            await devices.SendAsync("task_update", body.RootElement, http.RequestAborted);
        });
        return app;
    }

    /// <inheritdoc/>
    public override Task OnConnectedAsync() =>
        Groups.AddToGroupAsync(Context.ConnectionId, Context.GetHttpContext()!.Request.Query["access_token"].ToString());
}
