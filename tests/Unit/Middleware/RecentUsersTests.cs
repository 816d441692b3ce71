using Microsoft.Extensions.Time.Testing;
using TodoFlow.Functions.Middleware;
using Xunit;

namespace TodoFlow.Tests.Unit.Middleware;

/// <summary>A user is alone where nobody else sent a request lately.</summary>
public sealed class RecentUsersTests
{
    private static readonly Guid Ada = Guid.NewGuid(), Bob = Guid.NewGuid(), Cyd = Guid.NewGuid();

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_user_is_alone_until_another_comes_and_again_when_that_one_has_left()
    {
        var recent = new RecentUsers(_clock);

        Assert.True(recent.IsAlone(Ada));
        Assert.True(recent.IsAlone(Ada));
        Assert.False(recent.IsAlone(Bob));
        Assert.False(recent.IsAlone(Ada));
        _clock.Advance(RecentUsers.Stay);
        Assert.False(recent.IsAlone(Ada));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.True(recent.IsAlone(Ada));
    }

    [Fact]
    public void Whoever_comes_when_all_others_have_left_is_alone_at_once()
    {
        var recent = new RecentUsers(_clock);
        recent.IsAlone(Ada);
        recent.IsAlone(Bob);

        _clock.Advance(RecentUsers.Stay + TimeSpan.FromTicks(1));

        Assert.True(recent.IsAlone(Cyd));
        Assert.False(recent.IsAlone(Ada));
    }

    [Fact]
    public void A_user_who_never_rests_does_not_forget_the_others()
    {
        var recent = new RecentUsers(_clock);
        recent.IsAlone(Bob);
        for (var second = 0; second < 10; second++)
        {
            Assert.False(recent.IsAlone(Ada));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.False(recent.IsAlone(Bob));
        Assert.False(recent.IsAlone(Ada));
    }
}
