namespace TodoFlow.Infrastructure.Observability;

/// <summary>An answer that is asked for once, however many want it at a time, and is good for a while.</summary>
/// <param name="ask">Asks; its token is cancelled by nobody who waits, only by its own deadline.</param>
/// <param name="goodFor">How long a response is given again.</param>
/// <param name="clock">The clock.</param>
public sealed class SharedResult<T>(Func<Task<T>> ask, TimeSpan goodFor, TimeProvider clock)
{
    private readonly Lock _sync = new();
    private Task<T>? _latest;
    private long _answeredAt;

    /// <summary>The response: the last one while it is good, that of whoever asks already, or a new one.</summary>
    /// <exception cref="OperationCanceledException">The caller waits no more; the others do.</exception>
    public Task<T> Get(CancellationToken ct)
    {
        lock (_sync)
        {
            if (_latest is null || (_latest.IsCompleted && (!_latest.IsCompletedSuccessfully || clock.GetElapsedTime(_answeredAt) >= goodFor)))
            {
                _latest = Ask();
            }

            return _latest.WaitAsync(ct);
        }
    }

    private async Task<T> Ask()
    {
        var answer = await ask();
        Volatile.Write(ref _answeredAt, clock.GetTimestamp());
        return answer;
    }
}
