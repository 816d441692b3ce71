using TodoFlow.Tests.Web;
using Xunit;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("TodoFlow.Tests.Support.LongestFirst", "TodoFlow.Tests")]

namespace TodoFlow.Tests.Support;

/// <summary>Begins with what takes minutes, which would otherwise run alone at the end; the others come in an order that changes with every run.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    /// <summary>The collection that begins.</summary>
    public const string Collection = "Takes minutes";

    private static readonly string[] First = [$"Test collection for {typeof(PageTests).FullName}", Collection];

    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => !First.Contains(collection.DisplayName)).ThenBy(collection => collection.UniqueID);
}
