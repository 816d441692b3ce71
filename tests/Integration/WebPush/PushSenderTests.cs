using TodoFlow.Infrastructure.Notifications.WebPush;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.WebPush;

/// <summary>Messages handed to a push service over HTTP, and what is made of its responses.</summary>
public sealed class PushSenderTests : PushSenderTest
{
    [NodeFact]
    public async Task A_message_has_what_a_push_service_asks_for_and_the_browser_reads_it()
    {
        var message = new PushMessage(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), "Buy milk", "Due at 9:30", 1, null, false, null);
        var result = await Sender.Send(Browser.ToSubscription(), message.ToUtf8(), message.Topic(), CancellationToken.None);
        var received = await Service.Messages.Next();
        var read = Assert.Single(await Browser.Read(Clock.GetUtcNow(), received));

        Assert.Equal(new PushResult(PushOutcome.Taken), result);
        Assert.Equal(("POST", "/browser"), (received.Method, received.Path));
        Assert.Equal("86400", received.Headers["TTL"]);
        Assert.Equal("high", received.Headers["Urgency"]);
        Assert.Equal(message.Topic(), received.Headers["Topic"]);
        Assert.Equal("aes128gcm", received.Headers["Content-Encoding"]);
        Assert.False(received.Headers.ContainsKey("traceparent"));
        Assert.Equal("Buy milk", read.Json["title"]!.GetValue<string>());
        Assert.Equal("Due at 9:30", read.Json["body"]!.GetValue<string>());

        Assert.Equal(Keys.PublicKey, read.Key);
        Assert.Equal("ES256", read.Header!["alg"]!.GetValue<string>());
        Assert.Equal(Service.Address.GetLeftPart(UriPartial.Authority), read.Claims!["aud"]!.GetValue<string>());
        Assert.Equal("mailto:operator@example.com", read.Claims["sub"]!.GetValue<string>());
        var expires = DateTimeOffset.FromUnixTimeSeconds(read.Claims["exp"]!.GetValue<long>());
        Assert.InRange(expires, Clock.GetUtcNow().AddMinutes(1), Clock.GetUtcNow().AddHours(24)); // RFC 8292 section 2
    }

    [Theory]
    [InlineData(200, "Taken")]
    [InlineData(201, "Taken")]
    [InlineData(202, "Taken")]
    [InlineData(204, "Taken")]
    [InlineData(301, "Failed")]
    [InlineData(307, "Failed")]
    [InlineData(400, "Failed")]
    [InlineData(401, "Failed")]
    [InlineData(403, "Failed")]
    [InlineData(404, "Gone")]
    [InlineData(408, "Retry")]
    [InlineData(410, "Gone")]
    [InlineData(413, "Failed")]
    [InlineData(429, "Retry")]
    [InlineData(500, "Retry")]
    [InlineData(502, "Retry")]
    [InlineData(503, "Retry")]
    [InlineData(504, "Retry")]
    public async Task Each_answer_says_what_becomes_of_the_message(int status, string outcome)
    {
        Service.Answer = context =>
        {
            context.Response.StatusCode = status;
            return status is 204 or 304 ? Task.CompletedTask : context.Response.WriteAsync("a text of the push service");
        };

        var result = await Send();

        Assert.Equal((outcome, (TimeSpan?)null), (result.Outcome.ToString(), result.RetryAfter));
        Assert.Equal(outcome == "Taken" ? "" : $"push_{status}", result.Reason);
    }

    [Theory]
    [InlineData(429, "120", 120)]
    [InlineData(503, "1", 1)]
    [InlineData(503, "Sun, 22 Nov 2026 09:45:00 GMT", 900)]
    [InlineData(429, "Sun, 22 Nov 2026 09:00:00 GMT", null)] // over already
    [InlineData(429, "0", null)]
    [InlineData(429, "soon", null)]
    [InlineData(429, "-5", null)]
    [InlineData(429, "99999999999999999999", null)]
    [InlineData(429, "2000000000", 86400)] // nobody is asked to wait for sixty years
    [InlineData(429, "Fri, 31 Dec 9999 23:59:59 GMT", 86400)]
    public async Task Retry_After_is_honoured(int status, string header, int? seconds)
    {
        Service.Answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = header;
            return Task.CompletedTask;
        };

        var result = await Send();

        Assert.Equal(PushOutcome.Retry, result.Outcome);
        Assert.Equal(seconds, result.RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        Service.Answer = context =>
        {
            context.Response.Redirect($"{Service.Address}elsewhere", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        };

        Assert.Equal(PushOutcome.Failed, (await Send()).Outcome);

        Assert.Equal("/browser", (await Service.Messages.Next()).Path);
        Assert.True(Service.Messages.IsEmpty);
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read()
    {
        Service.Answer = async context =>
        {
            context.Response.StatusCode = 201;
            var block = new byte[64 * 1024];
            try
            {
                while (!context.RequestAborted.IsCancellationRequested)
                {
                    await context.Response.Body.WriteAsync(block, context.RequestAborted);
                }
            }
            catch (Exception error) when (error is OperationCanceledException or IOException)
            {
                // The sender hung up.
            }
        };

        Assert.Equal(PushOutcome.Taken, (await Send()).Outcome);
    }

    [Fact]
    public async Task A_push_service_that_does_not_answer_is_given_up()
    {
        var hung = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Service.Answer = context => hung.Task.WaitAsync(context.RequestAborted);

        var sending = Send();
        await Service.Messages.Next();
        Clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(sending.IsCompleted);
        Clock.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Equal(new PushResult(PushOutcome.Retry, "timed_out"), await sending);
        hung.SetResult();
    }

    [Fact]
    public async Task Stopping_is_no_answer_of_the_push_service()
    {
        using var stopping = new CancellationTokenSource();
        Service.Answer = async context =>
        {
            var hungUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            context.RequestAborted.Register(hungUp.SetResult);
            await stopping.CancelAsync();
            await hungUp.Task;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Sender.Send(Browser.ToSubscription(), new byte[1], "topic", stopping.Token));
    }

    [Fact]
    public async Task A_subscription_that_has_expired_is_gone_without_asking()
    {
        Assert.Equal(PushOutcome.Gone, (await Sender.Send(Browser.ToSubscription(Clock.GetUtcNow()), new byte[1], "topic", CancellationToken.None)).Outcome);
        Assert.True(Service.Messages.IsEmpty);
        Assert.Equal(PushOutcome.Taken, (await Sender.Send(Browser.ToSubscription(Clock.GetUtcNow().AddSeconds(1)), new byte[1], "topic", CancellationToken.None)).Outcome);
    }
}
