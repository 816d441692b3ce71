using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>From which addresses this process met a wrong password lately. Used by many at once.</summary>
public sealed class WrongPasswords(TimeProvider clock)
{
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(5);

    private readonly Remembered<string, DateTimeOffset> _addresses = new(10_000, StringComparer.Ordinal);

    /// <summary>Whether one came from an address within the last five minutes.</summary>
    public bool HasLately(string address) => _addresses.TryGet(address, out var at) && clock.GetUtcNow() - at < Lately;

    /// <summary>Waits for a check of a password, and remembers its address where it is refused.</summary>
    public async Task Watch(string address, Task check)
    {
        try
        {
            await check;
        }
        catch (ProblemException refused) when (refused.Problem.Status == 401)
        {
            _addresses.Set(address, clock.GetUtcNow());
            throw;
        }
    }
}
