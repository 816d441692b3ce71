namespace TodoFlow.Functions.Middleware;

/// <summary>Knows whether the requests of the last seconds are all of one user.</summary>
public sealed class RecentUsers(TimeProvider clock)
{
    /// <summary>For how long a user counts as being here, after the last request.</summary>
    public static readonly TimeSpan Stay = TimeSpan.FromSeconds(10);

    private readonly Lock _sync = new();
    private Guid? _latest;
    private long _latestAt;
    private long? _otherAt;

    /// <summary>Notes a request.</summary>
    /// <param name="user">Whose it is.</param>
    /// <returns>Whether nobody else sent one within <see cref="Stay"/>.</returns>
    public bool IsAlone(Guid user)
    {
        lock (_sync)
        {
            if (_latest is not null && _latest != user)
            {
                _otherAt = _latestAt;
            }

            (_latest, _latestAt) = (user, clock.GetTimestamp());
            return _otherAt is not { } other || clock.GetElapsedTime(other, _latestAt) > Stay;
        }
    }
}
