using System.Collections;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using TodoFlow.Domain.Diagnostics;

namespace TodoFlow.Infrastructure.Observability;

/// <summary>
/// Gives every log line the trace and the correlation id that it was written under, as its outermost scope. They are looked up when a
/// line is written, so an invocation pays for none that is not.
/// </summary>
internal sealed class LogScope : IExternalScopeProvider
{
    private readonly LoggerExternalScopeProvider _others = new();

    /// <inheritdoc/>
    public void ForEachScope<TState>(Action<object?, TState> callback, TState state)
    {
        if (Ids.Current() is { Count: > 0 } ids)
        {
            callback(ids, state);
        }

        _others.ForEachScope(callback, state);
    }

    /// <inheritdoc/>
    public IDisposable Push(object? state) => _others.Push(state);

    // The console's formatters write the pairs as JSON, or the text.
    private sealed class Ids : IReadOnlyList<KeyValuePair<string, object?>>
    {
        private readonly List<KeyValuePair<string, object?>> _pairs = new(3);

        public int Count => _pairs.Count;

        public KeyValuePair<string, object?> this[int index] => _pairs[index];

        public static Ids Current()
        {
            var ids = new Ids();
            if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
            {
                ids._pairs.Add(new("trace_id", activity.TraceId.ToHexString()));
                ids._pairs.Add(new("span_id", activity.SpanId.ToHexString()));
            }

            if (Correlation.Id is { Length: > 0 } correlationId)
            {
                ids._pairs.Add(new("correlation_id", correlationId));
            }

            return ids;
        }

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _pairs.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => string.Join(' ', _pairs.Select(pair => $"{pair.Key}={pair.Value}"));
    }
}
