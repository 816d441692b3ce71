using Xunit.Sdk;

namespace TodoFlow.Tests.Support;

/// <summary>Waits for what comes after a response, and that nothing tells a test of: it asks again and again, for 30 seconds at most.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Waits until something holds.</summary>
    public static Task Holds(Func<Task<bool>> holds) => Finds(async () => await holds() ? holds : null);

    /// <summary>Waits until something is found.</summary>
    public static async Task<T> Finds<T>(Func<Task<T?>> find)
        where T : class
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!patience.IsCancellationRequested)
        {
            if (await find() is { } found)
            {
                return found;
            }

            await Task.Yield();
        }

        throw new XunitException($"It did not come within {Patience}.");
    }
}
