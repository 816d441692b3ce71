using Xunit;

namespace TodoFlow.Tests.Support;

/// <summary>One database for all tests of a class, which leave it as it is: a class fixture.</summary>
public sealed class SharedDatabase : IAsyncLifetime
{
    /// <summary>It.</summary>
    public TestDatabase Database { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync() => Database = await TestPostgres.CreateDatabase();

    /// <inheritdoc/>
    public async Task DisposeAsync() => await Database.DisposeAsync();
}
