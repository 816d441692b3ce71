using System.Text.RegularExpressions;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Deployment;

/// <summary>What pipelines and images are made of is pinned, and nothing in them is more than it has to be.</summary>
public partial class PipelineTests
{
    public static TheoryData<string> Workflows => [.. Directory.EnumerateFiles(Repository.PathOf(".github/workflows")).Select(file => Path.GetRelativePath(Repository.Root, file))];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Every_action_is_pinned_by_commit_and_every_workflow_says_what_it_may_do(string workflow)
    {
        var text = Repository.Read(workflow);
        var used = Uses().Matches(text).Select(match => match.Groups[1].Value).ToList();

        Assert.All(used.Where(action => !action.StartsWith("./.github/", StringComparison.Ordinal)), action => Assert.Matches("^actions/[a-z-]+@[0-9a-f]{40} # v", action));
        Assert.All(used.Where(action => action.StartsWith('.')), action => Assert.True(
            File.Exists(Repository.PathOf(action)) || File.Exists(Repository.PathOf(Path.Combine(action, "action.yml"))), action));
        Assert.NotNull(Manifest.ReadYaml(text).Single()!["permissions"]);
        Assert.DoesNotContain("secrets: inherit", text, StringComparison.Ordinal);
        Assert.All(Images().Matches(text).Select(match => match.Groups[1].Value), image => Assert.Matches(Digest(), image));
    }

    [Theory]
    [InlineData("host/Dockerfile")]
    [InlineData("functions/Dockerfile")]
    public void An_image_is_built_from_pinned_ones_and_runs_as_a_user_without_rights(string dockerfile)
    {
        var text = Repository.Read(dockerfile);

        Assert.All(From().Matches(text).Select(match => match.Groups[1].Value).Where(image => image != "$BASE"), image => Assert.Matches(Digest(), image));
        Assert.Contains("\nUSER 1654:1654\n", text, StringComparison.Ordinal);
        Assert.Matches("""\n(ENTRYPOINT|CMD) \["[^ ]+"\]\n$""", text); // no shell between the container's first process and SIGTERM
    }

    [Fact]
    public void The_base_image_that_is_an_argument_is_given_by_its_digest_where_the_image_is_published()
    {
        Assert.Matches(@"\nARG BASE=\S+:[0-9][A-Za-z0-9.-]+(@sha256:[0-9a-f]{64})?\n", Repository.Read("functions/Dockerfile"));
        Assert.Contains("--build-arg \"BASE=$tag@$digest\"", Repository.Read(".github/workflows/release.yml"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_func_start_needs_around_it_is_pinned_and_reachable_from_this_machine_only()
    {
        var services = Manifest.ReadYaml(Repository.Read("compose.yaml")).Single()!["services"]!.AsObject();

        Assert.Equal(["azurite", "kafka", "mailpit", "postgres"], services.Select(service => service.Key).Order(StringComparer.Ordinal));
        Assert.All(services, service =>
        {
            Assert.Matches(@":v?[0-9][A-Za-z0-9.-]*$", service.Value!["image"]!.GetValue<string>());
            Assert.All(service.Value["ports"]!.AsArray(), port => Assert.StartsWith("127.0.0.1:", port!.GetValue<string>(), StringComparison.Ordinal));
        });
    }

    [GeneratedRegex(":[0-9][A-Za-z0-9.-]+@sha256:[0-9a-f]{64}$")]
    private static partial Regex Digest();

    [GeneratedRegex(@"^\s+image: (\S+)", RegexOptions.Multiline)]
    private static partial Regex Images();

    [GeneratedRegex(@"uses: (.+)")]
    private static partial Regex Uses();

    [GeneratedRegex(@"^FROM (?:--platform=\S+ )?(\S+)", RegexOptions.Multiline)]
    private static partial Regex From();
}
