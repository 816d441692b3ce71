using Xunit;

namespace TodoFlow.Tests.Support;

/// <summary>What <c>./todoflow test</c> has published before it runs the tests.</summary>
public static class Published
{
    /// <summary>The folder of the standalone host.</summary>
    /// <exception cref="InvalidOperationException">Nothing was published: the tests were not run by <c>./todoflow test</c>.</exception>
    public static string Host => Find("TODOFLOW_TEST_PUBLISHED");

    /// <summary>The folder of the function app.</summary>
    /// <inheritdoc cref="Host" path="/exception"/>
    public static string Functions => Find("TODOFLOW_TEST_FUNCTIONS");

    internal static string? Folder(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } folder ? folder : null;

    private static string Find(string variable) =>
        Folder(variable) ?? throw new InvalidOperationException($"{variable} names no folder: run the tests by ./todoflow test.");
}

/// <summary>A test of what is published; skipped where the tests are not run by <c>./todoflow test</c>.</summary>
public sealed class PublishedFactAttribute : FactAttribute
{
    /// <summary>A test that is skipped with its reason where nothing was published.</summary>
    public PublishedFactAttribute()
    {
        if (Published.Folder("TODOFLOW_TEST_FUNCTIONS") is null)
        {
            Skip = "Nothing was published: run the tests by ./todoflow test.";
        }
    }
}
