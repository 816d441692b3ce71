using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>What a process remembers of what it has read, up to some number of entries: what is in use stays.</summary>
/// <param name="most">How many entries at least are remembered; twice as many at most.</param>
/// <param name="comparer">Compares keys.</param>
internal sealed class Remembered<TKey, TValue>(int most, IEqualityComparer<TKey>? comparer = null)
    where TKey : notnull
{
    private readonly Lock _adding = new();

    // Two generations, of which the older one is forgotten when the younger one is full: what is in use moves on.
    private ConcurrentDictionary<TKey, TValue> _young = new(comparer);
    private ConcurrentDictionary<TKey, TValue> _old = new(comparer);

    /// <summary>Remembers a value, in place of the one before.</summary>
    public void Set(TKey key, TValue value)
    {
        var young = _young;
        young[key] = value;
        if (young.Count >= most && Interlocked.CompareExchange(ref _young, new(comparer), young) == young)
        {
            _old = young;
        }
    }

    /// <summary>Finds what was remembered, or remembers a new value: all who ask at once get the same one.</summary>
    public TValue GetOrAdd(TKey key, Func<TKey, TValue> make)
    {
        if (TryGet(key, out var value))
        {
            return value;
        }

        lock (_adding)
        {
            if (!TryGet(key, out value))
            {
                Set(key, value = make(key));
            }

            return value;
        }
    }

    /// <summary>Forgets a value.</summary>
    public void Remove(TKey key)
    {
        _young.TryRemove(key, out _);
        _old.TryRemove(key, out _);
    }

    /// <summary>Finds what was remembered.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_young.TryGetValue(key, out value))
        {
            return true;
        }

        if (!_old.TryGetValue(key, out value))
        {
            return false;
        }

        Set(key, value);
        return true;
    }
}
