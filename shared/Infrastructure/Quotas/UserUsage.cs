using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Quotas;

/// <summary>What this process knows of what one user has stored. Used by many at once.</summary>
internal sealed class UserUsage
{
    private readonly Lock _lock = new();
    private DateTimeOffset _countedAt = DateTimeOffset.MinValue;
    private Usage _counted;
    private Usage _reserved; // and not yet stored
    private Usage _added;    // stored by this process, since it began
    private Usage _addedBefore; // of that, what the count saw
    private bool _isExact;

    /// <summary>What this process stored so far: to be asked before a count begins.</summary>
    public Usage Added
    {
        get
        {
            lock (_lock)
            {
                return _added;
            }
        }
    }

    /// <summary>What the user has, with what is reserved.</summary>
    public Usage Now
    {
        get
        {
            lock (_lock)
            {
                return Sum();
            }
        }
    }

    /// <summary>Whether nothing was under way while it was counted, so that nothing counts twice.</summary>
    public bool IsExact
    {
        get
        {
            lock (_lock)
            {
                return _isExact;
            }
        }
    }

    /// <summary>What the user has, with what is reserved; null where it was last counted before <paramref name="since"/>.</summary>
    public Usage? Find(DateTimeOffset since)
    {
        lock (_lock)
        {
            return _countedAt < since ? null : Sum();
        }
    }

    /// <summary>Takes over a count.</summary>
    /// <param name="counted">What the database had.</param>
    /// <param name="before">What <see cref="Added"/> was when it began: what was stored meanwhile may count twice, and never not at all.</param>
    /// <param name="at">When it began, UTC.</param>
    public void Counted(Usage counted, Usage before, DateTimeOffset at)
    {
        lock (_lock)
        {
            (_counted, _addedBefore, _countedAt) = (counted, before, at);
            _isExact = _reserved == default && _added == before;
        }
    }

    /// <summary>Reserves something, unless the sum would not be allowed.</summary>
    public QuotaReservation? TryReserve(Usage added, Func<Usage, bool> allows)
    {
        lock (_lock)
        {
            if (!allows(Sum() + added))
            {
                return null;
            }

            _reserved += added;
            return new(this, added);
        }
    }

    /// <summary>Ends a reservation, of which something was stored.</summary>
    public void End(Usage reserved, Usage stored)
    {
        lock (_lock)
        {
            _reserved -= reserved;
            _added += stored;
        }
    }

    /// <summary>Something was stored, or is gone.</summary>
    public void Add(Usage added)
    {
        lock (_lock)
        {
            _added += added;
        }
    }

    private Usage Sum() => _counted + (_added - _addedBefore) + _reserved;
}

/// <summary>Something that a change is about to add to what a user has stored.</summary>
public sealed class QuotaReservation : IDisposable
{
    private readonly Usage _reserved;
    private UserUsage? _usage;

    internal QuotaReservation(UserUsage usage, Usage reserved)
    {
        (_usage, _reserved) = (usage, reserved);
    }

    /// <summary>It is stored once the change that it is a part of is committed; until then it stays reserved, so that no count misses it.</summary>
    public void Keep(UnitOfWork work) => Keep(work, _reserved);

    /// <inheritdoc cref="Keep(UnitOfWork)"/>
    /// <param name="work">The change.</param>
    /// <param name="stored">What of it was stored.</param>
    public void Keep(UnitOfWork work, Usage stored)
    {
        var usage = _usage;
        _usage = null;
        work.WhenEnded(committed => usage?.End(_reserved, committed ? stored : default));
    }

    /// <summary>Gives it back, unless it was kept.</summary>
    public void Dispose()
    {
        _usage?.End(_reserved, default);
        _usage = null;
    }
}
