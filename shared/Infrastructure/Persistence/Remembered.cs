using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>What a process remembers of what it has read, up to some number of entries: what is in use stays.</summary>
/// <param name="most">How many entries at least are remembered; twice as many at most.</param>
/// <param name="comparer">Compares keys.</param>
internal sealed class Remembered<TKey, TValue>(int most, IEqualityComparer<TKey>? comparer = null)
    where TKey : notnull
{
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
