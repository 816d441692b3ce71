namespace TodoFlow.Host.Realtime;

/// <summary>
/// Closed until this host reads everything that its devices are to be told: who connected earlier would miss what happens in between,
/// and would not know.
/// </summary>
internal sealed class HubGate
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing;

    /// <param name="readers">How many functions have to read on; with none the gate is open.</param>
    public HubGate(int readers)
    {
        _missing = readers;
        if (readers == 0)
        {
            _open.SetResult();
        }
    }

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
