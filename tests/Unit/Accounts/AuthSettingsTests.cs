using Microsoft.Extensions.Options;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Settings;
using Xunit;

namespace TodoFlow.Tests.Unit.Accounts;

/// <summary>Settings with which nothing starts, each named in one line.</summary>
public sealed class AuthSettingsTests
{
    private const string Key = "Auth:SigningKeys:0:Key";
    private const string Long = "a key of 32 bytes, or rather more";

    [Theory]
    [InlineData(Long, 33)] // text
    [InlineData("0123456789abcdef0123456789abcdef", 32)] // base64 of 24 bytes, so it is text
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 32)] // base64
    public void A_key_is_base64_of_32_bytes_or_text_of_that_length(string key, int bytes)
    {
        Assert.Equal(bytes, Read((Key, key)).SigningKeys.Single().Bytes().Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    [InlineData("a key of 31 bytes is too short.")]
    public void A_short_key_is_refused_and_not_shown(string key)
    {
        var line = Refused((Key, key));
        Assert.StartsWith($"{Key} is ", line, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Length > 0 ? key : "\n", line, StringComparison.Ordinal);
    }

    [Fact]
    public void No_key_is_refused_unless_there_is_an_issuer()
    {
        var settings = new ConfigurationBuilder().Build();
        Assert.StartsWith("Auth:SigningKeys:0:Key is not set", Failure(settings), StringComparison.Ordinal);
        settings = new ConfigurationBuilder().AddInMemoryCollection(
            [new("Auth:Authority", "https://issuer.example.com"), new("Auth:Audience", "todoflow")]).Build();
        Assert.Empty(Options(settings).SigningKeys);
    }

    [Theory]
    [InlineData("Auth:SigningKeys:0:Id", "")]
    [InlineData("Auth:SigningKeys:1:Key", "short", "Auth:SigningKeys:1:Id", "b")]
    [InlineData("Auth:SigningKeys:1:Id", "a", "Auth:SigningKeys:1:Key", Long)]
    [InlineData("Auth:Authority", "http://issuer.example.com", "Auth:Audience", "a")]
    [InlineData("Auth:Authority", "issuer", "Auth:Audience", "a")]
    [InlineData("Auth:Audience", "", "Auth:Authority", "https://issuer.example.com")]
    [InlineData("Auth:AccessTokenLifetime", "00:00:00")]
    [InlineData("Auth:AccessTokenLifetime", "soon")]
    [InlineData("Auth:RefreshTokenLifetime", "-1.00:00:00")]
    [InlineData("Auth:PasswordIterations", "1000")]
    public void A_wrong_setting_is_named(string setting, string value, string? other = null, string? otherValue = null)
    {
        Assert.Contains(setting, Refused((Key, Long), (setting, value), (other ?? "Other", otherValue)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_setting_is_as_good_as_none()
    {
        var settings = Read((Key, Long), ("Auth:Audience", ""), ("Auth:Authority", ""), ("Auth:AccessTokenLifetime", ""));

        Assert.Null(settings.Audience); // with an audience of nothing, no token would be valid
        Assert.Null(settings.Authority);
        Assert.Equal(TimeSpan.FromMinutes(15), settings.AccessTokenLifetime);
    }

    [Theory]
    [InlineData("RateLimits:RequestsPerSecond", "0")]
    [InlineData("RateLimits:SignInsPerMinute", "-1")]
    [InlineData("RateLimits:TrustedProxies", "many")]
    [InlineData("RateLimits:TrustedProxies", "17")]
    public void A_wrong_rate_limit_is_named(string setting, string value)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(setting, value)]).Build();
        using var services = new ServiceCollection().AddSettings<RateLimitSettings>(configuration).BuildServiceProvider();
        var error = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<RateLimitSettings>>().Value);
        Assert.Contains(setting, Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    private static AuthSettings Read(params (string Key, string? Value)[] settings) => Options(Configuration(settings));

    private static string Refused(params (string Key, string? Value)[] settings) => Failure(Configuration(settings));

    private static IConfiguration Configuration((string Key, string? Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection([new("Auth:SigningKeys:0:Id", "a")])
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)))
        .Build();

    private static string Failure(IConfiguration configuration) =>
        Assert.Single(Assert.Throws<OptionsValidationException>(() => Options(configuration)).Failures);

    private static AuthSettings Options(IConfiguration configuration)
    {
        using var services = new ServiceCollection().AddSettings<AuthSettings>(configuration).BuildServiceProvider();
        return services.GetRequiredService<IOptions<AuthSettings>>().Value;
    }
}
