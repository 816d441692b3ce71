using Microsoft.IdentityModel.JsonWebTokens;
using TodoFlow.Infrastructure.Notifications.WebPush;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Unit.WebPush;

/// <summary>Tokens for push services (RFC 8292). That others verify them is in <c>PushReceiverTests</c>.</summary>
public sealed class VapidTokensTests : IDisposable
{
    private static readonly VapidKeys Keys = VapidKeys.Create();
    private static readonly Uri Endpoint = new("https://push.example.com/one");

    private readonly FakeClock _clock = new();
    private readonly VapidTokens _tokens;

    public VapidTokensTests() => _tokens = new VapidTokens(Keys, "mailto:operator@example.com", _clock);

    public void Dispose() => _tokens.Dispose();

    [Theory]
    [InlineData("https://push.example.com/one?two=3", "https://push.example.com")]
    [InlineData("https://push.example.com:443/one", "https://push.example.com")]
    [InlineData("https://PUSH.example.com/one", "https://push.example.com")]
    [InlineData("http://127.0.0.1:5000/one", "http://127.0.0.1:5000")]
    public void A_token_is_for_the_origin_of_the_endpoint(string endpoint, string audience)
    {
        var (token, key) = Read(_tokens.For(new Uri(endpoint)));

        Assert.Equal(audience, Assert.Single(token.Audiences));
        Assert.Equal("mailto:operator@example.com", token.Subject);
        Assert.Equal("ES256", token.Alg);
        Assert.InRange(token.ValidTo, _clock.GetUtcNow().UtcDateTime, _clock.GetUtcNow().UtcDateTime.AddHours(24));
        Assert.Equal(Keys.PublicKey, key);
    }

    [Fact]
    public void It_serves_until_shortly_before_it_expires()
    {
        var first = _tokens.For(Endpoint);
        _clock.Advance(TimeSpan.FromHours(10.9));
        Assert.Equal(first, _tokens.For(new Uri(Endpoint, "/another")));
        Assert.True(Read(first).Token.ValidTo > _clock.GetUtcNow().UtcDateTime);

        _clock.Advance(TimeSpan.FromHours(0.2));
        var second = _tokens.For(Endpoint);
        Assert.NotEqual(first, second);
        Assert.True(Read(second).Token.ValidTo > _clock.GetUtcNow().UtcDateTime.AddHours(11));
    }

    [Fact]
    public void Each_origin_has_its_own_and_there_are_never_too_many()
    {
        var first = _tokens.For(Endpoint);
        for (var i = 0; i < VapidTokens.MostOrigins - 1; i++)
        {
            _tokens.For(new Uri($"https://push{i}.example.com/"));
        }

        Assert.Equal(first, _tokens.For(Endpoint));

        _tokens.For(new Uri("https://one-too-many.example.com/"));
        Assert.NotEqual(first, _tokens.For(Endpoint)); // ES256 signs with a random number: a new token is another
    }

    private static (JsonWebToken Token, string Key) Read(string parameters)
    {
        var parts = parameters.Split(", ");
        Assert.StartsWith("t=", parts[0], StringComparison.Ordinal);
        Assert.StartsWith("k=", parts[1], StringComparison.Ordinal);
        return (new JsonWebToken(parts[0][2..]), parts[1][2..]);
    }
}
