using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using TodoFlow.Host.Configuration;
using TodoFlow.Host.Discovery;
using TodoFlow.Host.Invocation;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Realtime;

namespace TodoFlow.Host.Realtime;

/// <summary>The host's own hub: what it is made of, and where it is.</summary>
internal static class HubEndpoints
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>Registers what sends the messages of functions: through Azure SignalR Service where that is set up, otherwise to a hub here.</summary>
    public static void AddRealtime(this IServiceCollection services, HostSettings settings, FunctionCatalog catalog)
    {
        var pushing = catalog.Functions.Count(function => function.SignalROutput is not null);
        if (settings.UsesAzureSignalR)
        {
            services.AddSingleton<ISignalRSender, AzureSignalRSender>();
            return;
        }

        if (pushing > 0 || catalog.Functions.Any(function => function.Name == nameof(Functions.Realtime.Negotiate)))
        {
            services.AddOwnHub();
        }

        if (pushing > 0)
        {
            services.AddHub(catalog.Functions.Count(function => function.Trigger is KafkaTrigger { IsBroadcast: true }));
        }
    }

    /// <summary>Maps the hub where it is registered.</summary>
    public static void MapHub(this WebApplication app)
    {
        if (app.Services.GetService<HubAdmission>() is not { } admission)
        {
            return;
        }

        var devices = app.Services.GetRequiredService<Devices>();
        app.MapConnections(RealtimeHub.Path, Connections(), connection => connection.Use(next => Register(devices, next)).UseHub<NotificationsHub>())
            .Add(endpoint =>
            {
                endpoint.Metadata.Add(HostedEndpoint.Instance);
                var next = endpoint.Metadata.OfType<NegotiateMetadata>().Any() ? Negotiate : Connect(endpoint.RequestDelegate!);
                endpoint.RequestDelegate = http => admission.Admit(http, next);
            });
    }

    private static void AddHub(this IServiceCollection services, int readers)
    {
        services.AddSingleton(new HubGate(readers));
        services.AddSingleton<RealtimeMetrics>();
        services.AddSingleton<Devices>();
        services.AddSingleton<ISessionListener>(provider => provider.GetRequiredService<Devices>());
        services.AddHostedService<EndedSessions>();
        services.AddHostedService<LeavingDevices>();
        services.AddSingleton<HubAdmission>();
        services.AddSingleton<ISignalRSender, HubSender>();
        services.AddSingleton<HubLifetimeManager<NotificationsHub>, DeviceLifetimes>();
        services.AddSignalR(hub =>
        {
            hub.KeepAliveInterval = KeepAlive;
            hub.ClientTimeoutInterval = 2 * KeepAlive; // clients say every 15 seconds that they live
            hub.HandshakeTimeout = TimeSpan.FromSeconds(10);
            hub.MaximumReceiveMessageSize = 1024; // they say nothing else
            hub.EnableDetailedErrors = false;
        });
    }

    // WebSockets only: the other transports send several requests, which all would have to come to the same instance.
    private static HttpConnectionDispatcherOptions Connections() => new()
    {
        Transports = HttpTransportType.WebSockets,
        CloseOnAuthenticationExpiration = true,
        TransportMaxBufferSize = 16 * 1024, // beyond it a device's messages wait in its own queue, which is bounded
        TransportSendTimeout = TimeSpan.FromSeconds(10),
        WebSockets = { CloseTimeout = TimeSpan.FromSeconds(5) },
    };

    // Before the handshake: what happens once the client believes itself connected reaches it.
    private static ConnectionDelegate Register(Devices devices, ConnectionDelegate next) => async connection =>
    {
        var http = connection.GetHttpContext()!;

        // Not the polite way: a message that says goodbye would wait behind the others.
        var device = devices.Add(http.Features.Get<AccessTokenSubject>()!, () =>
        {
            connection.Abort();
            http.Abort();
        });
        connection.Items[DeviceLifetimes.DeviceKey] = device;
        try
        {
            await next(connection);
        }
        finally
        {
            devices.Remove(device);
        }
    };

    /// <summary>Says how to connect, and keeps nothing: a connection begins when it is opened, on whichever instance that is.</summary>
    private static async Task Negotiate(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            http.Response.Headers.Allow = HttpMethods.Post;
            return;
        }

        http.Response.Headers.CacheControl = "no-store";
        var id = Guid.NewGuid().ToString("N");
        await http.Response.WriteAsJsonAsync(
            new
            {
                negotiateVersion = 1,
                connectionId = id,
                connectionToken = id,
                availableTransports = new[] { new { transport = nameof(HttpTransportType.WebSockets), transferFormats = new[] { nameof(TransferFormat.Text) } } },
            },
            JsonSerializerOptions.Web, // the names are SignalR's, not the API's
            http.RequestAborted);
    }

    /// <summary>Opens a new connection: the id of the negotiation stands for nothing.</summary>
    private static RequestDelegate Connect(RequestDelegate next) => http =>
    {
        http.Request.QueryString = QueryString.Empty;
        return next(http);
    };
}

/// <summary>Marks an endpoint that the host serves without a function.</summary>
internal sealed class HostedEndpoint
{
    /// <summary>The mark.</summary>
    public static readonly HostedEndpoint Instance = new();
}
