using System.Reflection;
using TodoFlow.Domain.Recurrence;
using Xunit;

namespace TodoFlow.Tests.Unit.Architecture;

/// <summary>Who may refer to whom (docs/architecture.md). Between projects the compiler holds it; this holds the rest.</summary>
public sealed class ArchitectureTests
{
    private static readonly Assembly Domain = typeof(RecurrenceRule).Assembly;

    [Fact]
    public void The_domain_refers_to_nothing_but_the_base_class_library() =>
        Assert.All(Domain.GetReferencedAssemblies(), reference => Assert.StartsWith("System.", reference.Name, StringComparison.Ordinal));

    [Fact]
    public void No_namespaces_use_each_other_in_a_circle() => Assert.Empty(NamespaceGraph.Of(Domain).Circles());
}
