using Xunit.Sdk;

namespace TodoFlow.Tests.Support;

/// <summary>Waits for what comes after a response, and that nothing tells a test of: it looks again and again, for two minutes at most.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // Looking without a pause would take the processor from what is waited for.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until something holds.</summary>
    public static Task Holds(Func<Task<bool>> holds) => Finds(async () => await holds() ? holds : null);

    /// <summary>Waits until something holds.</summary>
    public static Task Holds(Func<bool> holds) => Holds(() => Task.FromResult(holds()));

    /// <summary>Waits until a condition holds in a database.</summary>
    /// <param name="database">The database.</param>
    /// <param name="query">A query that gives whether it does.</param>
    /// <param name="patience">How long; two minutes where it is absent.</param>
    public static Task Holds(TestDatabase database, string query, TimeSpan? patience = null) =>
        Finds(async () => await database.Scalar<bool>(query) ? query : null, patience, query);

    /// <summary>Waits until something is found.</summary>
    public static Task<T> Finds<T>(Func<Task<T?>> find)
        where T : class => Finds(find, null, "It");

    private static async Task<T> Finds<T>(Func<Task<T?>> find, TimeSpan? patience, string what)
        where T : class
    {
        using var over = new CancellationTokenSource(patience ?? Patience);
        using var looks = new PeriodicTimer(Pause);
        do
        {
            if (await find() is { } found)
            {
                return found;
            }

            await looks.WaitForNextTickAsync(CancellationToken.None);
        }
        while (!over.IsCancellationRequested);

        throw new XunitException($"{what} did not come within {patience ?? Patience}.");
    }
}
