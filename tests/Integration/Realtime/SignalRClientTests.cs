using System.Net;
using Microsoft.Extensions.Options;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Realtime;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Realtime;

/// <summary>SignalR's own client, which connects by the redirect of the negotiation.</summary>
public sealed class SignalRClientTests(RealtimeApp app) : IClassFixture<RealtimeApp>
{
    [Fact]
    public async Task Two_devices_are_told_of_updates_and_reminders_and_come_back_after_a_restart()
    {
        using var ada = await app.SignUp();
        using var bob = await app.SignUp();
        await using var phone = await RealtimeApp.Connect(ada);
        await using var laptop = await RealtimeApp.Connect(ada);
        await using var other = await RealtimeApp.Connect(bob);
        HubDevice[] all = [phone, laptop, other];

        var task = (await ada.Post("/api/tasks", new { title = "Buy milk" })).Is(201);
        await app.Push(await RealtimeApp.IdOf(ada), task.Id, "Buy milk");
        foreach (var device in new[] { phone, laptop })
        {
            var update = await device.Next("task_update");
            Assert.Equal((task.Id, "created"), (update["task_id"]!.GetValue<Guid>(), update["change"]!.GetValue<string>()));
            var reminder = await device.Next("reminder");
            Assert.Equal((task.Id, "Buy milk"), (reminder["task_id"]!.GetValue<Guid>(), reminder["title"]!.GetValue<string>()));
        }

        await app.Restart();
        foreach (var device in all)
        {
            await device.Next("reconnecting");
            await device.Next("reconnected"); // with a new negotiation: the connections of the host before are gone
        }

        using var ada2 = new ApiClient(app.Address, ada.Token);
        using var bob2 = new ApiClient(app.Address, bob.Token);
        (await ada2.Post($"/api/tasks/{task.Id}/complete")).Is(200);
        foreach (var device in new[] { phone, laptop })
        {
            Assert.Equal("completed", (await device.Next("task_update"))["change"]!.GetValue<string>());
        }

        // Nothing of hers came before his own.
        await bob2.Post("/api/tasks", new { title = "Bob's own" });
        Assert.Equal("Bob's own", (await other.Next("task_update"))["fields"]!["title"]!.GetValue<string>());
    }

    [Fact]
    public async Task It_is_refused_with_401_without_a_valid_token()
    {
        using var ada = await app.SignUp();
        var expired = new LocalIssuer(
            Options.Create(new AuthSettings { SigningKeys = { new SigningKeySettings { Id = "test", Key = "a signing key of the tests, 32 bytes and more" } } }),
            new FakeClock(DateTimeOffset.UtcNow.AddHours(-1))).CreateToken(await RealtimeApp.IdOf(ada), "UTC");
        foreach (var token in new[] { "rubbish", expired })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await Refusal("/api/notifications", token));
        }

        var hub = new HubTokens(
            Options.Create(new RealtimeSettings()),
            Options.Create(new AuthSettings { SigningKeys = { new SigningKeySettings { Id = "test", Key = "a signing key of the tests, 32 bytes and more" } } }),
            new FakeClock(DateTimeOffset.UtcNow.AddHours(-1)));
        Assert.Equal(HttpStatusCode.Unauthorized, await Refusal("/hubs/notifications", hub.Create(new AccessTokenSubject(await RealtimeApp.IdOf(ada), null))));
    }

    private async Task<HttpStatusCode?> Refusal(string path, string token) =>
        (await Assert.ThrowsAsync<HttpRequestException>(() => HubDevice.Connect(new Uri(app.Address, path), token))).StatusCode;
}
