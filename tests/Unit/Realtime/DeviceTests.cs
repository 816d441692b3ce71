using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using TodoFlow.Host.Realtime;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Realtime;
using Xunit;

namespace TodoFlow.Tests.Unit.Realtime;

/// <summary>When a device's connection may be cut: its request cannot be touched any more once it has ended.</summary>
public sealed class DeviceTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Fact]
    public void A_connection_is_cut_once()
    {
        var cuts = 0;
        var device = Make(() => cuts++);
        device.Cut();
        device.Cut();
        device.AskToReconnect();
        Assert.Equal(1, cuts);
    }

    [Fact]
    public void Of_a_users_connections_that_were_let_in_together_those_beyond_the_limit_are_cut()
    {
        var devices = new Devices(Options.Create(new RealtimeSettings { ConnectionsPerUser = 2 }), new RealtimeMetrics(_services.GetRequiredService<IMeterFactory>()));
        var (ada, bob) = (new AccessTokenSubject(Guid.NewGuid(), null), new AccessTokenSubject(Guid.NewGuid(), null));
        var cut = new List<int>();
        for (var number = 0; number < 4; number++)
        {
            var mine = number;
            devices.Add(ada, () => cut.Add(mine));
        }

        devices.Add(bob, () => cut.Add(4));

        Assert.Equal([2, 3], cut);
    }

    [Fact]
    public void A_connection_that_has_ended_is_not_cut()
    {
        var device = Make(() => Assert.Fail("The request has ended."));
        device.Close();
        device.Cut();
        device.AskToReconnect();
    }

    [Fact]
    public async Task A_connection_does_not_end_while_it_is_cut()
    {
        Device? device = null;
        Task? end = null;
        var endedFirst = true;
        device = Make(() =>
        {
            end = Task.Run(device!.Close);
            endedFirst = end.Wait(TimeSpan.FromMilliseconds(100)); // long enough for it to end if nothing held it
        });
        device.Cut();
        await end!;
        Assert.False(endedFirst);
    }

    private Device Make(Action cut) =>
        new(new AccessTokenSubject(Guid.NewGuid(), "UTC", Guid.NewGuid(), 1), cut, limit: 1024, new(_services.GetRequiredService<IMeterFactory>()));
}
