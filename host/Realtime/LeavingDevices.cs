using TodoFlow.Host.Lifetime;

namespace TodoFlow.Host.Realtime;

/// <summary>Asks the devices of a host that drains to connect again, to another one: spread over most of the time, so that they do not come there all at once.</summary>
internal sealed class LeavingDevices(Devices devices, Drain drain, TimeProvider clock) : BackgroundService
{
    private const double ShareOfDrain = 0.8; // the last ones take their time to leave

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = drain.Begun.Register(begun.SetResult);
        await begun.Task.WaitAsync(stoppingToken);
        var leaving = devices.All.ToList();
        foreach (var device in leaving)
        {
            device.AskToReconnect();
            await Task.Delay(drain.Time * ShareOfDrain / leaving.Count, clock, stoppingToken);
        }
    }
}
