using TodoFlow.Infrastructure.Observability;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Unit.Observability;

public class SharedResultTests
{
    private readonly FakeClock _clock = new();
    private int _asked;

    [Fact]
    public async Task Those_who_ask_at_once_share_one_question()
    {
        var reply = new TaskCompletionSource<int>();
        var shared = new SharedResult<int>(() => Ask(reply.Task), TimeSpan.FromSeconds(1), _clock);
        var answers = Enumerable.Range(0, 50).Select(_ => shared.Get(CancellationToken.None)).ToList();
        reply.SetResult(7);

        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal(7, answer));
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task An_answer_is_good_for_its_time_and_no_longer()
    {
        var shared = new SharedResult<int>(() => Ask(Task.FromResult(_asked)), TimeSpan.FromSeconds(1), _clock);
        await shared.Get(CancellationToken.None);
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        await shared.Get(CancellationToken.None);
        Assert.Equal(1, _asked);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await shared.Get(CancellationToken.None);
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task Who_waits_no_more_does_not_take_the_answer_from_the_others()
    {
        var reply = new TaskCompletionSource<int>();
        var shared = new SharedResult<int>(() => Ask(reply.Task), TimeSpan.FromSeconds(1), _clock);
        using var impatient = new CancellationTokenSource();
        var first = shared.Get(impatient.Token);
        var second = shared.Get(CancellationToken.None);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        reply.SetResult(7);
        Assert.Equal(7, await second);
    }

    [Fact]
    public async Task A_failure_is_not_kept()
    {
        var shared = new SharedResult<int>(
            () => Ask(_asked == 0 ? Task.FromException<int>(new InvalidOperationException()) : Task.FromResult(7)), TimeSpan.FromSeconds(1), _clock);
        await Assert.ThrowsAsync<InvalidOperationException>(() => shared.Get(CancellationToken.None));
        Assert.Equal(7, await shared.Get(CancellationToken.None));
    }

    private Task<int> Ask(Task<int> reply)
    {
        _asked++;
        return reply;
    }
}
