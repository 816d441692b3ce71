using Microsoft.Extensions.Logging.Abstractions;
using TodoFlow.Messaging.DueWork;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Unit.DueWork;

public sealed class DueQueueTests : IAsyncLifetime, IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly TestQueue _queue;

    public DueQueueTests() => _queue = new TestQueue(_clock);

    public Task InitializeAsync() => _queue.StartAsync(CancellationToken.None);

    public Task DisposeAsync() => _queue.StopAsync(CancellationToken.None);

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task A_kick_does_what_is_due_at_once()
    {
        _queue.Kick();
        await _queue.Rounds(1);
    }

    [Fact]
    public async Task A_sweep_returns_when_what_was_due_at_its_begin_is_done()
    {
        await _queue.Sweep(TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.Equal(1, _queue.Done);
    }

    [Fact]
    public async Task It_sleeps_to_the_instant_at_which_more_falls_due()
    {
        _queue.Next = _clock.GetUtcNow().AddSeconds(7);
        await _queue.Sweep(TimeSpan.FromSeconds(10), CancellationToken.None);
        await _clock.TimerDueWithin(TimeSpan.FromSeconds(7));

        _clock.Advance(TimeSpan.FromSeconds(6.999));
        Assert.Equal(1, _queue.Done);
        _queue.Next = null;
        _clock.Advance(TimeSpan.FromSeconds(0.001));
        await _queue.Rounds(2);
    }

    [Fact]
    public async Task New_work_that_falls_due_earlier_moves_the_alarm()
    {
        _queue.Next = _clock.GetUtcNow().AddSeconds(9);
        await _queue.Sweep(TimeSpan.FromSeconds(10), CancellationToken.None);

        _queue.Next = _clock.GetUtcNow().AddSeconds(2);
        _queue.Kick();
        await _queue.Rounds(2);
        await _clock.TimerDueWithin(TimeSpan.FromSeconds(2));
        _queue.Next = null;
        _clock.Advance(TimeSpan.FromSeconds(2));
        await _queue.Rounds(3);
    }

    [Fact]
    public async Task Nobody_sleeps_towards_work_that_the_next_sweep_will_find()
    {
        _queue.Next = _clock.GetUtcNow().AddSeconds(60);
        await _queue.Sweep(TimeSpan.FromSeconds(20), CancellationToken.None);
        _clock.Advance(TimeSpan.FromSeconds(120));

        _queue.Next = null;
        await _queue.Sweep(TimeSpan.FromSeconds(20), CancellationToken.None);
        Assert.Equal(2, _queue.Done);
    }

    [Fact]
    public async Task A_failure_reaches_the_sweep_and_is_tried_again()
    {
        _queue.Failure = new InvalidOperationException("down");
        await Assert.ThrowsAsync<InvalidOperationException>(() => _queue.Sweep(TimeSpan.FromSeconds(20), CancellationToken.None));
        await _clock.TimerDueWithin(TimeSpan.FromSeconds(1));

        _queue.Failure = null;
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _queue.Rounds(2);
    }

    [Fact]
    public async Task Kicks_during_a_round_make_one_more_round()
    {
        var gate = new TaskCompletionSource();
        _queue.Gate = gate.Task;
        _queue.Kick();
        await _queue.Rounds(1);
        _queue.Kick();
        _queue.Kick();
        _queue.Kick();
        gate.SetResult();
        await _queue.Rounds(2);

        await _queue.Sweep(TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.Equal(3, _queue.Done);
    }

    [Fact]
    public async Task A_round_that_takes_up_new_work_leaves_a_sweep_a_round_of_its_own()
    {
        _queue.TakesKick = true;
        _queue.Kick();
        await _queue.Rounds(1);

        await _queue.Sweep(TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.Equal(2, _queue.Done);
    }

    [Fact]
    public async Task Stopping_finishes_the_round_and_ends_a_sweep_that_waits()
    {
        var gate = new TaskCompletionSource();
        _queue.Gate = gate.Task;
        _queue.Kick();
        await _queue.Rounds(1);
        var sweep = _queue.Sweep(TimeSpan.FromSeconds(1), CancellationToken.None);

        var stopped = _queue.StopAsync(CancellationToken.None);
        Assert.False(stopped.IsCompleted);
        gate.SetResult();
        await stopped;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sweep);
    }

    private sealed class TestQueue(TimeProvider clock) : DueQueue(clock, NullLogger.Instance)
    {
        private readonly Lock _sync = new();
        private readonly List<(int Rounds, TaskCompletionSource Reached)> _waiters = [];

        public int Done { get; private set; }

        public DateTimeOffset? Next { get; set; }

        public Exception? Failure { get; set; }

        public Task Gate { get; set; } = Task.CompletedTask;

        public bool TakesKick { get; set; }

        public Task Rounds(int count)
        {
            lock (_sync)
            {
                var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiters.Add((count, reached));
                _waiters.RemoveAll(waiter => Done >= waiter.Rounds && waiter.Reached.TrySetResult());
                return reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
            }
        }

        protected override async Task<DateTimeOffset?> DoWhatIsDue(CancellationToken ct)
        {
            lock (_sync)
            {
                Done++;
                _waiters.RemoveAll(waiter => Done >= waiter.Rounds && waiter.Reached.TrySetResult());
            }

            await Gate;
            if (TakesKick)
            {
                TakesKick = false;
                await Kicked(ct);
            }

            return Failure is null ? Next : throw Failure;
        }
    }
}
