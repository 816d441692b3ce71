using Microsoft.Extensions.Options;
using TodoFlow.Infrastructure.Notifications.WebPush;
using TodoFlow.Settings;
using Xunit;

namespace TodoFlow.Tests.Unit.WebPush;

/// <summary>Keys with which nothing starts, each named in one line that does not show them.</summary>
public sealed class WebPushSettingsTests
{
    private static readonly VapidKeys Keys = VapidKeys.Create();
    private static readonly VapidKeys Others = VapidKeys.Create();

    [Fact]
    public void Without_any_key_the_channel_is_not_configured_and_nothing_is_wrong() => Assert.False(Read().IsConfigured);

    [Fact]
    public void An_empty_setting_is_none() =>
        Assert.False(Read(("PublicKey", ""), ("PrivateKey", ""), ("Subject", "")).IsConfigured);

    [Theory]
    [InlineData("mailto:operator@example.com")]
    [InlineData("https://example.com/contact")]
    public void With_a_pair_and_a_subject_it_is_configured(string subject) =>
        Assert.True(Read(("PublicKey", Keys.PublicKey), ("PrivateKey", Keys.PrivateKey), ("Subject", subject)).IsConfigured);

    [Theory]
    [InlineData("PublicKey")]
    [InlineData("PrivateKey")]
    [InlineData("Subject")]
    public void Half_of_them_is_refused(string missing) =>
        Assert.StartsWith($"WebPush:{missing} is not set", Refused((missing, null)), StringComparison.Ordinal);

    [Fact]
    public void Keys_that_are_none_or_no_pair_are_refused_and_not_shown()
    {
        foreach (var wrong in new[] { "not base64!", "BA", Keys.PrivateKey, Keys.PublicKey[..^4] + "AAAA" })
        {
            Assert.StartsWith("WebPush:PublicKey ", Refused(("PublicKey", wrong)), StringComparison.Ordinal);
        }

        foreach (var wrong in new[] { "not base64!", "BA", Keys.PublicKey, Others.PrivateKey, new string('A', 43), "_" + new string('_', 41) + "8" })
        {
            var line = Refused(("PrivateKey", wrong));
            Assert.StartsWith("WebPush:PrivateKey ", line, StringComparison.Ordinal);
            Assert.DoesNotContain(wrong, line, StringComparison.Ordinal);
            Assert.DoesNotContain(Keys.PrivateKey, line, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Subject", "operator@example.com")]
    [InlineData("Subject", "mailto:")]
    [InlineData("Subject", "mailto:nobody")]
    [InlineData("Subject", "http://example.com")]
    [InlineData("Timeout", "00:00:00")]
    [InlineData("Timeout", "00:10:00")]
    [InlineData("TimeToLive", "-00:00:01")]
    [InlineData("TimeToLive", "29.00:00:00")]
    [InlineData("AllowPrivateEndpoints", "perhaps")]
    public void Other_settings_that_are_wrong_are_refused_by_name(string name, string value) =>
        Assert.Contains($"WebPush:{name}", Refused((name, value)), StringComparison.Ordinal);

    [Fact]
    public void A_private_key_is_not_written_where_the_pair_is() => Assert.DoesNotContain(Keys.PrivateKey, Keys.ToString(), StringComparison.Ordinal);

    private static WebPushSettings Read(params (string Name, string? Value)[] settings) => new ServiceCollection()
        .AddSettings<WebPushSettings>(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"WebPush:{setting.Name}", setting.Value))).Build())
        .BuildServiceProvider().GetRequiredService<IOptions<WebPushSettings>>().Value;

    private static string Refused((string Name, string? Value) changed)
    {
        var settings = new Dictionary<string, string?>
        {
            ["PublicKey"] = Keys.PublicKey,
            ["PrivateKey"] = Keys.PrivateKey,
            ["Subject"] = "mailto:operator@example.com",
            [changed.Name] = changed.Value,
        };
        return Assert.Single(Assert.Throws<OptionsValidationException>(() => Read([.. settings.Select(setting => (setting.Key, setting.Value))])).Failures);
    }
}
