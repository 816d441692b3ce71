namespace TodoFlow.Host.Realtime;

/// <summary>
/// Closed until this host reads everything that its devices are to be told: who connected earlier would miss what happens in between,
/// and would not know.
/// </summary>
/// <param name="readers">How many functions have to read on.</param>
internal sealed class HubGate(int readers)
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing = readers;

    /// <summary>Completes when the gate is open. It is never closed again: an outage later on is caught up with.</summary>
    public Task Opened => _open.Task;

    /// <summary>One of the functions reads everything from here on; to be called once for each.</summary>
    public void ReaderStarted()
    {
        if (Interlocked.Decrement(ref _missing) == 0)
        {
            _open.SetResult();
        }
    }
}
