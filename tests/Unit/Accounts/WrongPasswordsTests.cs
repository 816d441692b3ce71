using Microsoft.Extensions.Time.Testing;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;
using Xunit;

namespace TodoFlow.Tests.Unit.Accounts;

/// <summary>Addresses that guess are told from those that do not.</summary>
public sealed class WrongPasswordsTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task An_address_with_a_wrong_password_is_known_for_five_minutes()
    {
        var wrong = new WrongPasswords(_clock);

        await Assert.ThrowsAsync<ProblemException>(() => wrong.Watch("203.0.113.7", Refused(401)));

        Assert.True(wrong.HasLately("203.0.113.7"));
        Assert.False(wrong.HasLately("203.0.113.8"));
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.False(wrong.HasLately("203.0.113.7"));
    }

    [Fact]
    public async Task A_right_password_and_what_is_refused_for_another_reason_say_nothing_of_an_address()
    {
        var wrong = new WrongPasswords(_clock);

        await wrong.Watch("203.0.113.7", Task.CompletedTask);
        await Assert.ThrowsAsync<ProblemException>(() => wrong.Watch("203.0.113.7", Refused(429)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => wrong.Watch("203.0.113.7", Task.FromException(new InvalidOperationException())));

        Assert.False(wrong.HasLately("203.0.113.7"));
    }

    private static Task Refused(int status) => Task.FromException(new Problem(status, "refused", "Refused.").AsException());
}
