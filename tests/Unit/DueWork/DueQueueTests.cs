using Microsoft.Extensions.Logging.Abstractions;
using TodoFlow.Messaging.DueWork;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Unit.DueWork;

public sealed class DueQueueTests : IAsyncLifetime, IDisposable
{
    private readonly FakeClock clock = new();
    private readonly TestQueue queue;

    public DueQueueTests() => queue = new TestQueue(clock);

    public Task InitializeAsync() => queue.StartAsync(CancellationToken.None);

    public Task DisposeAsync() => queue.StopAsync(CancellationToken.None);

    public void Dispose() => queue.Dispose();

    [Fact]
    public async Task A_kick_does_what_is_due_at_once()
    {
        queue.Kick();
        await queue.Rounds(1);
    }

    [Fact]
    public async Task A_sweep_returns_when_what_was_due_at_its_begin_is_done()
    {
        await queue.Sweep(TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.Equal(1, queue.Done);
    }

    [Fact]
    public async Task It_sleeps_to_the_instant_at_which_more_falls_due()
    {
        queue.Next = clock.GetUtcNow().AddSeconds(7);
        await queue.Sweep(TimeSpan.FromSeconds(10), CancellationToken.None);
        await clock.TimerDueWithin(TimeSpan.FromSeconds(7));

        clock.Advance(TimeSpan.FromSeconds(6.999));
        Assert.Equal(1, queue.Done);
        queue.Next = null;
        clock.Advance(TimeSpan.FromSeconds(0.001));
        await queue.Rounds(2);
    }

    [Fact]
    public async Task New_work_that_falls_due_earlier_moves_the_alarm()
    {
        queue.Next = clock.GetUtcNow().AddSeconds(9);
        await queue.Sweep(TimeSpan.FromSeconds(10), CancellationToken.None);

        queue.Next = clock.GetUtcNow().AddSeconds(2);
        queue.Kick();
        await queue.Rounds(2);
        await clock.TimerDueWithin(TimeSpan.FromSeconds(2));
        queue.Next = null;
        clock.Advance(TimeSpan.FromSeconds(2));
        await queue.Rounds(3);
    }

    [Fact]
    public async Task Nobody_sleeps_towards_work_that_the_next_sweep_will_find()
    {
        queue.Next = clock.GetUtcNow().AddSeconds(60);
        await queue.Sweep(TimeSpan.FromSeconds(20), CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(120));

        queue.Next = null;
        await queue.Sweep(TimeSpan.FromSeconds(20), CancellationToken.None);
        Assert.Equal(2, queue.Done);
    }

    [Fact]
    public async Task A_failure_reaches_the_sweep_and_is_tried_again()
    {
        queue.Failure = new InvalidOperationException("down");
        await Assert.ThrowsAsync<InvalidOperationException>(() => queue.Sweep(TimeSpan.FromSeconds(20), CancellationToken.None));
        await clock.TimerDueWithin(TimeSpan.FromSeconds(1));

        queue.Failure = null;
        clock.Advance(TimeSpan.FromSeconds(1));
        await queue.Rounds(2);
    }

    [Fact]
    public async Task Kicks_during_a_round_make_one_more_round()
    {
        var gate = new TaskCompletionSource();
        queue.Gate = gate.Task;
        queue.Kick();
        await queue.Rounds(1);
        queue.Kick();
        queue.Kick();
        queue.Kick();
        gate.SetResult();
        await queue.Rounds(2);

        await queue.Sweep(TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.Equal(3, queue.Done);
    }

    [Fact]
    public async Task A_round_that_takes_up_new_work_leaves_a_sweep_a_round_of_its_own()
    {
        queue.TakesKick = true;
        queue.Kick();
        await queue.Rounds(1);

        await queue.Sweep(TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.Equal(2, queue.Done);
    }

    [Fact]
    public async Task Stopping_finishes_the_round_and_ends_a_sweep_that_waits()
    {
        var gate = new TaskCompletionSource();
        queue.Gate = gate.Task;
        queue.Kick();
        await queue.Rounds(1);
        var sweep = queue.Sweep(TimeSpan.FromSeconds(1), CancellationToken.None);

        var stopped = queue.StopAsync(CancellationToken.None);
        Assert.False(stopped.IsCompleted);
        gate.SetResult();
        await stopped;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sweep);
    }

    private sealed class TestQueue(TimeProvider clock) : DueQueue(clock, NullLogger.Instance)
    {
        private readonly Lock sync = new();
        private readonly List<(int Rounds, TaskCompletionSource Reached)> waiters = [];

        public int Done { get; private set; }

        public DateTimeOffset? Next { get; set; }

        public Exception? Failure { get; set; }

        public Task Gate { get; set; } = Task.CompletedTask;

        public bool TakesKick { get; set; }

        public Task Rounds(int count)
        {
            lock (sync)
            {
                var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                waiters.Add((count, reached));
                waiters.RemoveAll(waiter => Done >= waiter.Rounds && waiter.Reached.TrySetResult());
                return reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
            }
        }

        protected override async Task<DateTimeOffset?> DoWhatIsDue(CancellationToken ct)
        {
            lock (sync)
            {
                Done++;
                waiters.RemoveAll(waiter => Done >= waiter.Rounds && waiter.Reached.TrySetResult());
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
