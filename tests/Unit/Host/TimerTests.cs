using Microsoft.Azure.Functions.Worker;
using TodoFlow.Host;
using TodoFlow.Host.Invocation;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Unit.Host;

/// <summary>Timer functions under a clock that stands still until the test moves it.</summary>
public sealed class TimerTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 10, TimeSpan.Zero);

    private readonly FakeClock _clock = new(Start);
    private readonly Observed<Run> _runs = new();
    private readonly Script _script = new();

    [Theory]
    [InlineData("0 */5 * * * *", "2026-03-01T12:05:00Z")]
    [InlineData("*/15 * * * * *", "2026-03-01T12:00:15Z")]
    [InlineData("0 0 9 * * MON", "2026-03-02T09:00:00Z")]
    [InlineData("0 0 0 29 2 *", "2028-02-29T00:00:00Z")]
    [InlineData("00:10:00", "2026-03-01T12:10:10Z")]
    public void The_next_instant_is_the_first_one_after_now(string schedule, string next) =>
        Assert.Equal(DateTimeOffset.Parse(next), TimerSchedule.Parse("F", schedule).Next(Start));

    [Fact]
    public void An_instant_does_not_follow_itself()
    {
        var schedule = TimerSchedule.Parse("F", "0 * * * * *");
        Assert.Equal(TimeSpan.FromMinutes(1), schedule.Next(schedule.Next(Start)) - schedule.Next(Start));
    }

    [Fact]
    public async Task A_function_runs_at_its_instants_and_never_before()
    {
        await using var host = await StartHost(typeof(EveryMinute));
        await _clock.TimerDueWithin(TimeSpan.FromSeconds(50));
        _clock.Advance(TimeSpan.FromSeconds(49.999));
        Assert.True(_runs.IsEmpty);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(Start.AddSeconds(50), (await _runs.Next()).At);

        await _clock.TimerDueWithin(TimeSpan.FromMinutes(1));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Start.AddSeconds(110), (await _runs.Next()).At);
    }

    [Fact]
    public async Task A_function_that_runs_on_startup_runs_at_once_and_then_on_its_schedule()
    {
        await using var host = await StartHost(typeof(AtStartup));
        Assert.Equal(Start, (await _runs.Next()).At);
        await _clock.TimerDueWithin(TimeSpan.FromSeconds(50));
        _clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(Start.AddSeconds(50), (await _runs.Next()).At);
    }

    [Fact]
    public async Task A_run_that_fails_does_not_stop_the_schedule()
    {
        _script.Then(new InvalidOperationException("broken"));
        await using var host = await StartHost(typeof(EveryMinute));
        for (var minute = 1; minute <= 2; minute++)
        {
            await _clock.TimerDueWithin(TimeSpan.FromMinutes(1));
            _clock.Advance(TimeSpan.FromMinutes(1));
            await _runs.Next();
        }
    }

    [Fact]
    public async Task A_function_does_not_overlap_itself_and_skips_the_instants_that_passed()
    {
        var gate = _script.ThenWait();
        await using var host = await StartHost(typeof(EveryMinute));
        await _clock.TimerDueWithin(TimeSpan.FromMinutes(1));
        _clock.Advance(TimeSpan.FromSeconds(50));
        await _runs.Next();

        _clock.Advance(TimeSpan.FromMinutes(5.5)); // five instants pass while the first run goes on
        Assert.True(_runs.IsEmpty);
        gate.SetResult();
        await _clock.TimerDueWithin(TimeSpan.FromSeconds(30));
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(Start.AddSeconds(50) + TimeSpan.FromMinutes(6), (await _runs.Next()).At);
        Assert.True(_runs.IsEmpty);
    }

    [Fact]
    public async Task A_failed_run_is_retried_after_a_growing_delay_and_gives_up_at_its_limit()
    {
        _script.Then(new InvalidOperationException("1"), new InvalidOperationException("2"), new InvalidOperationException("3"));
        await using var host = await StartHost(typeof(Retried));
        await _clock.TimerDueWithin(TimeSpan.FromSeconds(50));
        _clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(0, (await _runs.Next()).RetryCount);

        foreach (var (retry, delay) in new[] { (1, 2), (2, 4) })
        {
            await _clock.TimerDueWithin(TimeSpan.FromSeconds(delay));
            _clock.Advance(TimeSpan.FromSeconds(delay));
            var run = await _runs.Next();
            Assert.Equal((retry, 2), (run.RetryCount, run.MaxRetryCount));
        }

        // Two retries were allowed: the next run is the schedule's, at 12:02:00.
        await _clock.TimerDueWithin(TimeSpan.FromSeconds(54));
        _clock.Advance(TimeSpan.FromSeconds(54));
        var next = await _runs.Next();
        Assert.Equal((Start.AddSeconds(110), 0), (next.At, next.RetryCount));
    }

    [Fact]
    public async Task A_clock_that_was_set_forward_makes_the_run_past_due()
    {
        await using var host = await StartHost(typeof(EveryHour));
        await _clock.TimerDueWithin(TimeSpan.FromMinutes(1));
        _clock.SetUtcNow(Start.AddHours(3));
        var run = await _runs.Next();
        Assert.Equal((Start.AddHours(3), true), (run.At, run.Timer.IsPastDue));
    }

    [Fact]
    public async Task A_monitored_timer_is_told_its_last_and_next_instants_and_another_is_not()
    {
        await using var host = await StartHost(typeof(Monitored));
        await _clock.TimerDueWithin(TimeSpan.FromMinutes(1));
        _clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(default, (await _runs.Next()).Timer.ScheduleStatus!.Last);
        await _clock.TimerDueWithin(TimeSpan.FromMinutes(1));
        _clock.Advance(TimeSpan.FromMinutes(1));
        var status = (await _runs.Next()).Timer.ScheduleStatus!;
        Assert.Equal(Start.AddSeconds(50).UtcDateTime, status.Last);
        Assert.Equal(Start.AddSeconds(170).UtcDateTime, status.Next);

        await using var other = await StartHost(typeof(AtStartup));
        Assert.Null((await _runs.Next()).Timer.ScheduleStatus);
    }

    [Fact]
    public async Task A_stopping_host_cancels_the_run_in_flight_and_waits_for_its_end()
    {
        _script.ThenWaitForCancellation();
        await using var host = await StartHost(typeof(AtStartup));
        await _runs.Next();
        await host.StopAsync();
        Assert.True(_script.SawCancellation);
    }

    private async Task<HostApplication> StartHost(Type function) => await TestHost.Start(
        [function],
        services => services.AddSingleton(_runs).AddSingleton(_script),
        options => options.Clock = _clock);

    public sealed record Run(DateTimeOffset At, TimerInfo Timer, int RetryCount, int MaxRetryCount);

    /// <summary>What each run does, in order; after the script's end a run succeeds.</summary>
    public sealed class Script
    {
        private readonly Queue<Func<CancellationToken, Task>> _steps = new();

        public bool SawCancellation { get; private set; }

        public void Then(params IEnumerable<Exception> errors)
        {
            foreach (var error in errors)
            {
                _steps.Enqueue(_ => Task.FromException(error));
            }
        }

        public TaskCompletionSource ThenWait()
        {
            var gate = new TaskCompletionSource();
            _steps.Enqueue(_ => gate.Task);
            return gate;
        }

        public void ThenWaitForCancellation() => _steps.Enqueue(async ct =>
        {
            var cancelled = new TaskCompletionSource();
            await using (ct.Register(cancelled.SetResult))
            {
                await cancelled.Task;
            }

            SawCancellation = true;
        });

        public Task Next(CancellationToken ct) => _steps.TryDequeue(out var step) ? step(ct) : Task.CompletedTask;
    }

    public abstract class Scripted(Observed<Run> runs, Script script, TimeProvider clock)
    {
        protected Task Report(TimerInfo timer, FunctionContext context)
        {
            runs.Add(new Run(clock.GetUtcNow(), timer, context.RetryContext.RetryCount, context.RetryContext.MaxRetryCount));
            return script.Next(context.CancellationToken);
        }
    }

    public sealed class EveryMinute(Observed<Run> runs, Script script, TimeProvider clock) : Scripted(runs, script, clock)
    {
        [Function("EveryMinute")]
        public Task Run([TimerTrigger("0 * * * * *", UseMonitor = false)] TimerInfo timer, FunctionContext context) => Report(timer, context);
    }

    public sealed class EveryHour(Observed<Run> runs, Script script, TimeProvider clock) : Scripted(runs, script, clock)
    {
        [Function("EveryHour")]
        public Task Run([TimerTrigger("0 0 * * * *", UseMonitor = false)] TimerInfo timer, FunctionContext context) => Report(timer, context);
    }

    public sealed class Monitored(Observed<Run> runs, Script script, TimeProvider clock) : Scripted(runs, script, clock)
    {
        [Function("Monitored")]
        public Task Run([TimerTrigger("0 * * * * *")] TimerInfo timer, FunctionContext context) => Report(timer, context);
    }

    public sealed class AtStartup(Observed<Run> runs, Script script, TimeProvider clock) : Scripted(runs, script, clock)
    {
        [Function("AtStartup")]
        public Task Run([TimerTrigger("0 * * * * *", UseMonitor = false, RunOnStartup = true)] TimerInfo timer, FunctionContext context) =>
            Report(timer, context);
    }

    public sealed class Retried(Observed<Run> runs, Script script, TimeProvider clock) : Scripted(runs, script, clock)
    {
        [Function("Retried")]
        [ExponentialBackoffRetry(2, "00:00:02", "00:01:00")]
        public Task Run([TimerTrigger("0 * * * * *", UseMonitor = false)] TimerInfo timer, FunctionContext context) => Report(timer, context);
    }
}
