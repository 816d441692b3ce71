using System.Reflection;
using System.Text.RegularExpressions;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Contract;

/// <summary>What docs/security.md says is tested is tested.</summary>
public sealed partial class SecurityPageTests
{
    [Fact]
    public void Every_test_that_the_page_names_exists_and_every_threat_names_one()
    {
        var tests = typeof(SecurityPageTests).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .Where(method => method.GetCustomAttribute<FactAttribute>() is { Skip: null }).Select(method => method.Name).ToHashSet(StringComparer.Ordinal);
        var threats = Repository.Read("docs/security.md").Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).ToList();

        Assert.True(threats.Count > 30, "The table of threats is not found.");
        Assert.All(threats, threat =>
        {
            var named = Named().Matches(threat.Split('|')[3]).Select(match => match.Groups[1].Value).ToList();
            Assert.NotEmpty(named);
            Assert.All(named, test => Assert.Contains(test, tests));
        });
    }

    [GeneratedRegex("`(\\w+)`")]
    private static partial Regex Named();
}
