using Microsoft.Extensions.Options;
using TodoFlow.Domain.Problems;

namespace TodoFlow.Infrastructure.Memory;

/// <summary>The bytes of request bodies, and of responses that are being made, that this process holds now.</summary>
public sealed class BytesInFlight(IOptions<MemorySettings> settings)
{
    private long _taken;

    /// <summary>How many they are.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Takes some, unless the process would hold more than it may.</summary>
    internal bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= settings.Value.BytesInFlight)
        {
            return true;
        }

        Return(bytes);
        return false;
    }

    /// <summary>Gives some back.</summary>
    internal void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);
}

/// <summary>The bytes that one request holds, until its invocation ends.</summary>
public sealed class RequestBytes(BytesInFlight process) : IDisposable
{
    private long _taken;

    /// <summary>Takes more, as they come: a request that only says how much it will send takes nothing from others.</summary>
    /// <exception cref="ProblemException">503: the process holds as many as it may.</exception>
    public void Take(long bytes)
    {
        if (!process.TryTake(bytes))
        {
            throw new Problem(503, "too_many_bytes_in_flight", "The server is busy with large requests and responses. Nothing was changed; try again.")
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            }.AsException();
        }

        _taken += bytes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        process.Return(_taken);
        _taken = 0;
    }
}
