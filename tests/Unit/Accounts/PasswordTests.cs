using Microsoft.AspNetCore.Identity;
using NSubstitute;
using TodoFlow.Domain.Accounts;
using TodoFlow.Infrastructure.Accounts;
using Xunit;

namespace TodoFlow.Tests.Unit.Accounts;

/// <summary>Passwords are checked with the same work, whether or not there is a user.</summary>
public sealed class PasswordTests
{
    private static readonly User Ada = UserWith("hash of ada");
    private static readonly User External = UserWith("");

    private readonly IPasswordHasher<User> _hasher = Substitute.For<IPasswordHasher<User>>();
    private readonly Passwords _passwords;

    public PasswordTests()
    {
        _hasher.HashPassword(default!, default!).ReturnsForAnyArgs("hash of nobody");
        _hasher.VerifyHashedPassword(default!, default!, default!).ReturnsForAnyArgs(PasswordVerificationResult.Success);
        _passwords = new Passwords(_hasher);
    }

    [Fact]
    public void A_users_password_is_checked_against_their_hash()
    {
        Assert.Equal(PasswordVerificationResult.Success, _passwords.Verify(Ada, "guess"));
        Assert.Equal("hash of ada", Assert.Single(Checked()));
    }

    [Fact]
    public void An_unknown_users_password_is_checked_too_and_never_right()
    {
        Assert.Equal(PasswordVerificationResult.Failed, _passwords.Verify(null, "guess"));
        Assert.Equal("hash of nobody", Assert.Single(Checked()));
    }

    [Fact]
    public void A_user_without_a_password_has_none_that_is_right()
    {
        Assert.Equal(PasswordVerificationResult.Failed, _passwords.Verify(External, ""));
        Assert.Equal("hash of nobody", Assert.Single(Checked()));
    }

    private List<object?> Checked() => [.. _hasher.ReceivedCalls()
        .Where(call => call.GetMethodInfo().Name == nameof(IPasswordHasher<User>.VerifyHashedPassword))
        .Select(call => call.GetArguments()[1])];

    private static User UserWith(string hash) => new()
    {
        Id = Guid.NewGuid(),
        Email = "ada@example.com",
        NormalizedEmail = "ada@example.com",
        PasswordHash = hash,
        TimeZone = "UTC",
        CreatedAt = default,
    };
}
