using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections.Features;
using TodoFlow.Host.Configuration;
using TodoFlow.Infrastructure.Health;

namespace TodoFlow.Host.Lifetime;

/// <summary>
/// How the host ends. At SIGTERM, as at each deployment, it is not ready any more and its consumers and timers stop, but for
/// <see cref="HostSettings.DrainTime"/> it keeps serving: with each response it says that the connection ends, so that no client meets a
/// closed one with a request under way. Only then it stops. SIGINT, and a second signal, stop it at once.
/// </summary>
/// <remarks>Takes the place of the console's lifetime, as those of systemd and of Windows services do.</remarks>
internal sealed partial class Drain(
    HostSettings settings, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<Drain> logger, Readiness? readiness = null) : IHostLifetime, IDisposable
{
    private readonly CancellationTokenSource _begun = new();
    private readonly List<PosixSignalRegistration> _signals = [];

    /// <summary>Is cancelled when the drain begins; not where the host stops without one.</summary>
    public CancellationToken Begun => _begun.Token;

    /// <summary>How long it takes.</summary>
    public TimeSpan Time => settings.DrainTime;

    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT })
        {
            _signals.Add(PosixSignalRegistration.Create(signal, received =>
            {
                received.Cancel = true; // the process ends when the host has stopped
                if (received.Signal == PosixSignal.SIGTERM)
                {
                    _ = Begin();
                }
                else
                {
                    lifetime.StopApplication();
                }
            }));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Drains, and then stops the application; at once where that has begun already.</summary>
    public async Task Begin()
    {
        if (Time > TimeSpan.Zero && !_begun.IsCancellationRequested)
        {
            readiness?.Leave();
            await _begun.CancelAsync();
            LogBegun(Time);
            try
            {
                await Task.Delay(Time, clock, lifetime.ApplicationStopping);
            }
            catch (OperationCanceledException)
            {
                return; // it stops already
            }
        }

        lifetime.StopApplication();
    }

    /// <summary>Lets a connection end with the response to its next request: by <c>Connection: close</c>, and by GOAWAY where it is HTTP/2.</summary>
    public RequestDelegate EndConnections(RequestDelegate next) => http =>
    {
        if (_begun.IsCancellationRequested)
        {
            if (HttpProtocol.IsHttp11(http.Request.Protocol))
            {
                http.Response.Headers.Connection = "close";
            }
            else
            {
                http.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            }
        }

        return next(http);
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        _signals.ForEach(signal => signal.Dispose());
        _begun.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: requests are served for another {Time}")]
    private partial void LogBegun(TimeSpan time);
}
