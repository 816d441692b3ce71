using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Unit.Accounts;

/// <summary>Which access tokens are let in, and which are not: wrong keys, algorithms, times, names and forgeries.</summary>
public sealed class AccessTokenTests
{
    private static readonly Guid User = Guid.Parse("0197b2a4-0000-7000-8000-000000000001");

    private readonly FakeClock _clock = new();
    private readonly Issuing _issuing;

    public AccessTokenTests() => _issuing = new Issuing(_clock, ("one", Issuing.KeyText));

    [Fact]
    public async Task A_token_says_whose_it_is_and_where_their_days_are()
    {
        var token = _issuing.Issuer.CreateToken(User, "Europe/Berlin");
        Assert.Equal(new(User, "Europe/Berlin", Version: 0), await _issuing.Validate(token));

        var read = new JsonWebToken(token);
        Assert.Equal(("HS256", "one", "todoflow"), (read.Alg, read.Kid, read.Issuer));
        Assert.Equal(["todoflow"], read.Audiences);
        Assert.Equal(["aud", "exp", "iat", "iss", "jti", "nbf", "sub", "ver", "zoneinfo"], read.Claims.Select(claim => claim.Type).Order());
        Assert.Equal(_clock.GetUtcNow().UtcDateTime, read.IssuedAt);
        Assert.Equal(TimeSpan.FromMinutes(15), read.ValidTo - read.IssuedAt);
        Assert.NotEqual(read.Id, new JsonWebToken(_issuing.Issuer.CreateToken(User, "UTC")).Id);
    }

    [Fact]
    public async Task A_token_serves_until_it_expires_and_half_a_minute_for_clocks_that_differ()
    {
        var token = _issuing.Issuer.CreateToken(User, "UTC");
        _clock.Advance(TimeSpan.FromMinutes(15) + TimeSpan.FromSeconds(29));
        await _issuing.Validate(token);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _issuing.Refuses(token, "token_expired");
    }

    [Fact]
    public async Task A_token_that_was_let_in_before_is_refused_once_it_has_expired_and_so_is_one_that_resembles_it()
    {
        var token = _issuing.Issuer.CreateToken(User, "UTC");
        await _issuing.Validate(token);
        await _issuing.Refuses(token[..^4] + (token.EndsWith("AAAA", StringComparison.Ordinal) ? "BBBB" : "AAAA"));
        _clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(User, (await _issuing.Validate(token)).UserId); // the half minute for clocks that differ
        _clock.Advance(TimeSpan.FromSeconds(30));
        await _issuing.Refuses(token, "token_expired");
    }

    [Fact]
    public async Task So_many_tokens_that_some_are_forgotten_are_all_still_let_in()
    {
        var first = _issuing.Issuer.CreateToken(User, "UTC");
        await _issuing.Validate(first);
        var remembered = new VerifiedTokens(_clock);
        var (from, to) = (_clock.GetUtcNow().UtcDateTime, _clock.GetUtcNow().UtcDateTime.AddMinutes(15));
        for (var i = 0; i < 25_000; i++)
        {
            remembered.Add($"token {i}", new(User, null), from, to);
        }

        Assert.False(remembered.TryGet("token 0", out _)); // its memory is bounded
        Assert.True(remembered.TryGet("token 24999", out _));
        Assert.Equal(User, (await _issuing.Validate(first)).UserId);
    }

    [Fact]
    public async Task A_token_of_the_future_is_refused_until_its_time()
    {
        var later = new FakeClock(_clock.GetUtcNow() + TimeSpan.FromSeconds(31));
        var token = new Issuing(later, ("one", Issuing.KeyText)).Issuer.CreateToken(User, "UTC");
        await _issuing.Refuses(token);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _issuing.Validate(token);
    }

    [Fact]
    public async Task Keys_are_rotated_without_signing_anybody_out()
    {
        var old = _issuing.Issuer.CreateToken(User, "UTC");
        var rotated = new Issuing(_clock, ("two", "the second key, of 32 bytes or more"), ("one", Issuing.KeyText));
        await rotated.Validate(old);
        var fresh = rotated.Issuer.CreateToken(User, "UTC");
        Assert.Equal("two", new JsonWebToken(fresh).Kid);
        await rotated.Validate(fresh);
        await _issuing.Refuses(fresh); // who does not know the new key yet

        var done = new Issuing(_clock, ("two", "the second key, of 32 bytes or more"));
        await done.Validate(fresh);
        await done.Refuses(old);
    }

    [Fact]
    public async Task A_token_of_another_key_is_refused_whatever_it_calls_the_key()
    {
        await _issuing.Refuses(new Issuing(_clock, ("one", "another key that has 32 bytes as well")).Issuer.CreateToken(User, "UTC"));
        await _issuing.Refuses(new Issuing(_clock, ("other", Issuing.KeyText)).Issuer.CreateToken(User, "UTC"));
    }

    [Fact]
    public async Task A_token_without_a_key_id_is_refused() => await _issuing.Refuses(Sign(header => header.Remove("kid")));

    [Fact]
    public async Task An_expired_forgery_is_called_a_forgery()
    {
        var token = new Issuing(_clock, ("one", "another key that has 32 bytes as well")).Issuer.CreateToken(User, "UTC");
        _clock.Advance(TimeSpan.FromDays(1));
        await _issuing.Refuses(token);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    [InlineData("RS256")]
    [InlineData("")]
    public async Task Another_algorithm_is_refused(string algorithm)
    {
        await _issuing.Refuses(Sign(header => header["alg"] = algorithm, algorithm: algorithm));
        var unsigned = Sign(header => header["alg"] = algorithm);
        await _issuing.Refuses(unsigned[..(unsigned.LastIndexOf('.') + 1)]);
    }

    [Theory]
    [InlineData("iss", "todoflow2")]
    [InlineData("iss", "https://issuer.example.com")]
    [InlineData("iss", null)]
    [InlineData("aud", "another")]
    [InlineData("aud", null)]
    [InlineData("exp", null)]
    [InlineData("sub", "not a user")]
    [InlineData("sub", null)]
    public async Task A_token_with_another_claim_is_refused(string claim, string? value) =>
        await _issuing.Refuses(Sign(payload: claims =>
        {
            if (value is null)
            {
                claims.Remove(claim);
            }
            else
            {
                claims[claim] = value;
            }
        }));

    [Fact]
    public async Task What_the_tests_sign_is_let_in_when_nothing_is_changed() => Assert.Equal(User, (await _issuing.Validate(Sign())).UserId);

    [Fact]
    public async Task A_token_that_was_tampered_with_is_refused()
    {
        var token = _issuing.Issuer.CreateToken(User, "UTC");
        var parts = token.Split('.');
        var claims = Base64UrlEncoder.Decode(parts[1]).Replace(User.ToString(), Guid.NewGuid().ToString(), StringComparison.Ordinal);
        await _issuing.Refuses($"{parts[0]}.{Base64UrlEncoder.Encode(claims)}.{parts[2]}");
        for (var i = 0; i < token.Length; i += 7)
        {
            var changed = token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..];
            await _issuing.Refuses(changed);
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("a.b.c.d.e")]
    [InlineData("bm9wZQ.bm9wZQ.bm9wZQ")]
    [InlineData("e30.e30.")]
    [InlineData("W10.W10.W10")]
    [InlineData("eyJhbGciOjF9.eyJpc3MiOjF9.AA")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9eA.e30.eA")] // {"alg":"HS256"}x
    public async Task What_is_no_token_is_refused(string text) => await _issuing.Refuses(text);

    [Fact]
    public async Task A_very_long_text_is_refused() => await _issuing.Refuses(new string('a', 300_000));

    // A token like this service's own, signed with its key after the changes.
    private string Sign(Action<Dictionary<string, object?>>? header = null, Action<Dictionary<string, object?>>? payload = null, string algorithm = "HS256")
    {
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        var head = new Dictionary<string, object?> { ["alg"] = "HS256", ["typ"] = "JWT", ["kid"] = "one" };
        var claims = new Dictionary<string, object?>
        {
            ["iss"] = "todoflow",
            ["aud"] = "todoflow",
            ["sub"] = User.ToString(),
            ["iat"] = now,
            ["exp"] = now + 60,
            ["zoneinfo"] = "UTC",
        };
        header?.Invoke(head);
        payload?.Invoke(claims);
        var text = $"{Encode(head)}.{Encode(claims)}";
        var (key, bytes) = (Encoding.UTF8.GetBytes(Issuing.KeyText), Encoding.ASCII.GetBytes(text));
        var signature = algorithm switch
        {
            "HS384" => HMACSHA384.HashData(key, bytes),
            "HS512" => HMACSHA512.HashData(key, bytes),
            _ => HMACSHA256.HashData(key, bytes),
        };
        return $"{text}.{Base64UrlEncoder.Encode(signature)}";
    }

    private static string Encode(Dictionary<string, object?> json) => Base64UrlEncoder.Encode(JsonSerializer.SerializeToUtf8Bytes(json));
}
