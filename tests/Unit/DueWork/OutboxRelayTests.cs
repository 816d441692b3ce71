using Microsoft.Extensions.Logging.Abstractions;
using TodoFlow.Messaging.Outbox;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Unit.DueWork;

public sealed class OutboxRelayTests : IAsyncLifetime
{
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(25);

    private readonly FakeClock _clock = new();
    private readonly TestRelay _relay;

    public OutboxRelayTests() => _relay = new(_clock);

    public Task InitializeAsync() => _relay.StartAsync(CancellationToken.None);

    public async Task DisposeAsync()
    {
        await _relay.StopAsync(CancellationToken.None);
        _relay.Dispose();
    }

    [Fact]
    public async Task With_few_commits_each_is_moved_at_once()
    {
        for (short shard = 0; shard < 8; shard++)
        {
            Kick(shard);
            Assert.Equal([shard], await _relay.Moved.Next());
            _clock.Advance(TimeSpan.FromMilliseconds(10));
        }
    }

    [Fact]
    public async Task While_many_transactions_commit_what_they_announce_is_moved_together()
    {
        await KickMany();
        Kick(1, 2);
        Kick(2, 3);
        await _clock.TimerDueWithin(Gathering);
        Assert.True(_relay.Moved.IsEmpty);

        _clock.Advance(Gathering);
        Assert.Equal<short>([1, 2, 3], (await _relay.Moved.Next()).Order());

        Kick(4); // there were but two
        Assert.Equal([4], await _relay.Moved.Next());
    }

    [Fact]
    public async Task It_goes_on_as_long_as_there_are_many()
    {
        await KickMany();
        for (var round = 0; round < 3; round++)
        {
            await _clock.TimerDueWithin(Gathering);
            for (short shard = 0; shard < 4; shard++)
            {
                Kick(shard);
            }

            Assert.True(_relay.Moved.IsEmpty);
            _clock.Advance(Gathering);
            Assert.Equal<short>([0, 1, 2, 3], (await _relay.Moved.Next()).Order());
        }
    }

    [Fact]
    public async Task A_stop_ends_the_wait()
    {
        await KickMany();
        Kick(1);

        await _relay.StopAsync(CancellationToken.None); // its clock stands still

        Assert.True(_relay.Moved.IsEmpty);
    }

    private async Task KickMany()
    {
        for (var commit = 0; commit < 4; commit++)
        {
            Kick(0);
            Assert.Equal([0], await _relay.Moved.Next());
        }
    }

    private void Kick(params short[] shards) => _relay.Kick(new HashSet<short>(shards));

    private sealed class TestRelay(FakeClock clock) : OutboxRelay(clock, NullLogger.Instance, clock)
    {
        public Observed<short[]> Moved { get; } = new();

        protected override void Move(IReadOnlySet<short> shards) => Moved.Add([.. shards]);

        protected override Task<DateTimeOffset?> DoWhatIsDue(CancellationToken ct) => Task.FromResult<DateTimeOffset?>(null);
    }
}
