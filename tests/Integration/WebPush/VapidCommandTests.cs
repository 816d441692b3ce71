using Microsoft.Extensions.Options;
using TodoFlow.Infrastructure.Notifications.WebPush;
using TodoFlow.Settings;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.WebPush;

/// <summary>The command <c>vapid</c>: what it prints are settings that the host starts with.</summary>
public sealed class VapidCommandTests
{
    [Fact]
    public async Task It_prints_settings_of_a_new_pair()
    {
        var first = Read(await Run("vapid", "--subject", "mailto:ada@example.com"));
        var second = Read(await Run("vapid"));

        Assert.True(first.IsConfigured);
        Assert.Equal("mailto:ada@example.com", first.Subject);
        Assert.NotEqual(first.PrivateKey, second.PrivateKey);
    }

    [Fact]
    public async Task A_subject_that_is_none_is_refused_in_one_line()
    {
        var refused = await Run("vapid", "--subject", "ada");

        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.StartsWith("--subject must be ", Assert.Single(refused.Errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    private static WebPushSettings Read((int ExitCode, string Output, string Errors) printed)
    {
        Assert.Equal((0, ""), (printed.ExitCode, printed.Errors));
        var settings = printed.Output.TrimEnd('\n').Split('\n')
            .Select(line => line.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0].Replace("__", ":", StringComparison.Ordinal), (string?)pair[1]));
        return new ServiceCollection()
            .AddSettings<WebPushSettings>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
            .BuildServiceProvider().GetRequiredService<IOptions<WebPushSettings>>().Value;
    }

    private static async Task<(int ExitCode, string Output, string Errors)> Run(params string[] arguments)
    {
        using var process = HostProcess.Start(arguments, new Dictionary<string, string>());
        return await process.Exited();
    }
}
