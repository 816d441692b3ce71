using System.Threading.Channels;

namespace TodoFlow.Tests.Support;

/// <summary>What code under test reports, in order, for a test to await instead of sleeping.</summary>
public sealed class Observed<T>
{
    private readonly Channel<T> _values = Channel.CreateUnbounded<T>();

    /// <summary>Reports a value.</summary>
    public void Add(T value) => _values.Writer.TryWrite(value);

    /// <summary>The next value that is reported; fails the test when none comes.</summary>
    public async Task<T> Next() => await _values.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2));

    /// <summary>Whether nothing is left to read.</summary>
    public bool IsEmpty => _values.Reader.Count == 0;
}
