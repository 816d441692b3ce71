using Microsoft.Extensions.Options;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Host.Realtime;

/// <summary>
/// Cuts the devices of this host whose session another process has ended: it asks for all of them at once, as often as access tokens are
/// asked for. What this process ends is cut at once.
/// </summary>
internal sealed partial class EndedSessions(
    Devices devices, LiveSessions sessions, IOptions<AuthSettings> settings, TimeProvider clock, ILogger<EndedSessions> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(settings.Value.SessionCheckInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await Cut(stoppingToken);
                }
                catch (Exception error) when (error is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    LogFailed(error);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task Cut(CancellationToken ct)
    {
        var connected = devices.All.ToLookup(device => device.Subject);
        if (connected.Count == 0)
        {
            return;
        }

        foreach (var device in (await sessions.FindEnded([.. connected.Select(group => group.Key)], ct)).SelectMany(ended => connected[ended]))
        {
            device.Cut();
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "It could not be asked which sessions have ended; another try follows")]
    private partial void LogFailed(Exception error);
}
