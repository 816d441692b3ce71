using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using TodoFlow.Host;
using TodoFlow.Infrastructure;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.WebPush;

/// <summary>A delivery over Web Push, from the stored subscriptions to what the browsers read.</summary>
public sealed class WebPushChannelTests(WebPushChannelTests.App app) : IClassFixture<WebPushChannelTests.App>, IAsyncLifetime
{
    private readonly PushReceiver _service = new();

    private INotificationChannel Channel => Assert.Single(app.Host.Services.GetServices<INotificationChannel>(), channel => channel.Name == "web_push");

    public Task InitializeAsync() => _service.InitializeAsync();

    public Task DisposeAsync() => _service.DisposeAsync();

    [NodeFact]
    public async Task Each_of_the_users_browsers_reads_it_and_nobody_elses()
    {
        using var phone = new PushBrowser(_service.Address, "/phone");
        using var laptop = new PushBrowser(_service.Address, "/laptop");
        using var others = new PushBrowser(_service.Address, "/others");
        var ada = await Subscribe(phone, laptop);
        await Subscribe(others);

        Assert.Equal(DeliveryOutcome.Sent, await Channel.Send(Message(ada), CancellationToken.None));

        ReceivedMessage[] received = [await _service.Messages.Next(), await _service.Messages.Next()];
        Assert.True(_service.Messages.IsEmpty);
        Assert.Equal(["/laptop", "/phone"], received.Select(message => message.Path).Order());
        foreach (var browser in new[] { phone, laptop })
        {
            var read = Assert.Single(await browser.Read(DateTimeOffset.UtcNow, received.Single(message => browser.Endpoint.EndsWith(message.Path, StringComparison.Ordinal))));
            Assert.Equal(("Buy milk", "Due at 9:30"), (read.Json["title"]!.GetValue<string>(), read.Json["body"]!.GetValue<string>()));
            Assert.Equal(WebPushSetting.Keys.PublicKey, read.Key);
        }
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public async Task A_subscription_that_has_ended_is_removed_and_the_others_get_it(int status)
    {
        using var gone = new PushBrowser(_service.Address, $"/gone/{status}");
        using var there = new PushBrowser(_service.Address, $"/there/{status}");
        var ada = await Subscribe(gone, there);
        Answer(("/gone", status, null));

        Assert.Equal(DeliveryOutcome.Sent, await Channel.Send(Message(ada), CancellationToken.None));

        Assert.Equal([there.Endpoint], await Endpoints(ada));
        Assert.Equal([ada], await Reachable(ada));
    }

    [Fact]
    public async Task Without_any_subscription_left_it_has_failed()
    {
        using var gone = new PushBrowser(_service.Address, "/gone");
        var ada = await Subscribe(gone);
        Answer(("/gone", 410, null));

        Assert.Equal(DeliveryOutcome.Failed("no_subscription"), await Channel.Send(Message(ada), CancellationToken.None));
        Assert.Equal(DeliveryOutcome.Failed("no_subscription"), await Channel.Send(Message(ada), CancellationToken.None));
        Assert.Empty(await Reachable(ada));
    }

    [Fact]
    public async Task A_subscription_that_was_confirmed_meanwhile_stays()
    {
        using var browser = new PushBrowser(_service.Address, "/meanwhile");
        using var client = await app.SignUp();
        (await client.Post("/api/notifications/push-subscriptions", browser.ToJson())).Is(201);
        var ada = (await client.Get("/api/me")).Id;
        _service.Answer = async context =>
        {
            (await client.Post("/api/notifications/push-subscriptions", browser.ToJson())).Is(200);
            context.Response.StatusCode = 410;
        };

        await Channel.Send(Message(ada), CancellationToken.None);

        Assert.Equal([browser.Endpoint], await Endpoints(ada));
    }

    [Fact]
    public async Task Where_nobody_took_it_the_longest_wait_that_was_asked_for_counts()
    {
        using var busy = new PushBrowser(_service.Address, "/busy");
        using var busier = new PushBrowser(_service.Address, "/more-busy");
        using var broken = new PushBrowser(_service.Address, "/broken");
        using var refusing = new PushBrowser(_service.Address, "/refusing");
        var ada = await Subscribe(busy, busier, broken, refusing);
        Answer(("/busy", 429, "60"), ("/more-busy", 429, "120"), ("/broken", 500, null), ("/refusing", 403, null));

        var outcome = await Channel.Send(Message(ada), CancellationToken.None);

        Assert.Equal((DeliveryResult.Retry, TimeSpan.FromMinutes(2)), (outcome.Result, outcome.RetryAfter));
        Assert.Equal(4, (await Endpoints(ada)).Count);
    }

    [Fact]
    public async Task Where_everybody_refused_it_it_has_failed()
    {
        using var refusing = new PushBrowser(_service.Address, "/refusing");
        using var gone = new PushBrowser(_service.Address, "/gone/too");
        var ada = await Subscribe(gone, refusing);
        Answer(("/refusing", 413, null), ("/gone", 410, null));

        Assert.Equal(DeliveryOutcome.Failed("push_413"), await Channel.Send(Message(ada), CancellationToken.None));
    }

    [Fact]
    public async Task One_that_was_taken_is_sent_although_another_never_answers()
    {
        using var hanging = new PushBrowser(_service.Address, "/hanging");
        using var there = new PushBrowser(_service.Address, "/there/too");
        var ada = await Subscribe(hanging, there);
        using var ending = new CancellationTokenSource();
        using var answers = new MeterListener(); // the HTTP client's own: it tells when a response has come
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        answers.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "http.client.request.duration")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        answers.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            if (tags.ToArray().ToDictionary().GetValueOrDefault("server.port") is int port && port == _service.Address.Port)
            {
                taken.TrySetResult();
            }
        });
        answers.Start();
        _service.Answer = context =>
        {
            if (context.Request.Path != "/hanging")
            {
                return PushReceiver.Created(context);
            }

            var hungUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            context.RequestAborted.Register(hungUp.SetResult);
            return hungUp.Task;
        };

        var sending = Channel.Send(Message(ada), ending.Token);
        await taken.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await _service.Messages.Next();
        await _service.Messages.Next();
        await ending.CancelAsync();

        Assert.Equal(DeliveryOutcome.Sent, await sending);
    }

    [Fact]
    public async Task A_channel_without_keys_is_not_offered()
    {
        await using var services = new ServiceCollection().AddLogging().AddTodoFlowNotifications(new ConfigurationBuilder().Build()).BuildServiceProvider();
        Assert.DoesNotContain("web_push", services.GetRequiredService<ConfiguredChannels>().Names);
        Assert.Contains("web_push", app.Host.Services.GetRequiredService<ConfiguredChannels>().Names);
    }

    [Fact]
    public async Task An_expired_subscription_reaches_nobody()
    {
        using var browser = new PushBrowser(_service.Address, "/expired");
        var ada = await Subscribe(browser);
        Assert.Equal([ada], await Reachable(ada, Guid.NewGuid()));

        await app.Database.Execute($"update push_subscription set expires_at = now() - interval '1 second' where user_id = '{ada}'");

        Assert.Empty(await Reachable(ada));
        Assert.Equal(DeliveryOutcome.Failed("no_subscription"), await Channel.Send(Message(ada), CancellationToken.None));
        Assert.True(_service.Messages.IsEmpty);
        Assert.Empty(await Endpoints(ada));
    }

    private static DeliveryMessage Message(Guid user) => new()
    {
        DeliveryId = Guid.NewGuid(),
        UserId = user,
        NotificationId = Guid.NewGuid(),
        TaskId = Guid.NewGuid(),
        ReminderId = Guid.NewGuid(),
        Title = "Buy milk",
        Body = "Due at 9:30",
        Count = 1,
        RemindAt = DateTimeOffset.UnixEpoch,
        Late = false,
        CreatedAt = DateTimeOffset.UnixEpoch,
        Attempt = 1,
    };

    private void Answer(params (string Path, int Status, string? RetryAfter)[] answers) => _service.Answer = context =>
    {
        var answer = answers.FirstOrDefault(answer => context.Request.Path.StartsWithSegments(answer.Path), ("", 201, null));
        context.Response.StatusCode = answer.Status;
        if (answer.RetryAfter is not null)
        {
            context.Response.Headers.RetryAfter = answer.RetryAfter;
        }

        return Task.CompletedTask;
    };

    private async Task<Guid> Subscribe(params PushBrowser[] browsers)
    {
        using var client = await app.SignUp();
        foreach (var browser in browsers)
        {
            (await client.Post("/api/notifications/push-subscriptions", browser.ToJson())).Is(201);
        }

        return (await client.Get("/api/me")).Id;
    }

    private async Task<IReadOnlySet<Guid>> Reachable(params Guid[] users)
    {
        await using var db = await app.Host.Services.GetRequiredService<IDbContextFactory<TodoFlowDb>>().CreateDbContextAsync();
        return await Channel.FindReachable(db, users, CancellationToken.None);
    }

    private Task<List<string>> Endpoints(Guid user) => app.Database.Column<string>($"select endpoint from push_subscription where user_id = '{user}'");

    /// <summary>The application with Web Push to this machine.</summary>
    public sealed class App : TestApp
    {
        protected override void Configure(HostApplicationOptions options) => WebPushSetting.Configure(options, allowPrivate: true);
    }
}
