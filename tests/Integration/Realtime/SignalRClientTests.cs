using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Realtime;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Realtime;

/// <summary>SignalR's own client for JavaScript, which connects by the redirect of the negotiation.</summary>
public sealed class SignalRClientTests(RealtimeApp app) : IClassFixture<RealtimeApp>
{
    [NodeFact]
    public async Task Two_devices_are_told_of_updates_and_reminders_and_come_back_after_a_restart()
    {
        using var ada = await app.SignUp();
        using var bob = await app.SignUp();
        using var phone = await Device.Start(app.Address, ada.Token!);
        using var laptop = await Device.Start(app.Address, ada.Token!);
        using var other = await Device.Start(app.Address, bob.Token!);
        Device[] all = [phone, laptop, other];
        foreach (var device in all)
            await device.Next("connected");

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
            Assert.Equal("completed", (await device.Next("task_update"))["change"]!.GetValue<string>());

        // Nothing of hers came before his own.
        await bob2.Post("/api/tasks", new { title = "Bob's own" });
        Assert.Equal("Bob's own", (await other.Next("task_update"))["fields"]!["title"]!.GetValue<string>());
    }

    [NodeFact]
    public async Task It_is_refused_with_401_without_a_valid_token()
    {
        using var ada = await app.SignUp();
        var expired = new LocalIssuer(
            Options.Create(new AuthSettings { SigningKeys = { new SigningKeySettings { Id = "test", Key = "a signing key of the tests, 32 bytes and more" } } }),
            new FakeClock(DateTimeOffset.UtcNow.AddHours(-1))).CreateToken(await RealtimeApp.IdOf(ada), "UTC");
        foreach (var token in new[] { "rubbish", expired })
        {
            using var device = await Device.Start(app.Address, token);
            Assert.Contains("401", (await device.Next("refused")).GetValue<string>(), StringComparison.Ordinal);
        }

        var hub = new HubTokens(
            Options.Create(new RealtimeSettings()),
            Options.Create(new AuthSettings { SigningKeys = { new SigningKeySettings { Id = "test", Key = "a signing key of the tests, 32 bytes and more" } } }),
            new FakeClock(DateTimeOffset.UtcNow.AddHours(-1)));
        using var direct = await Device.Start(new Uri(app.Address, "/hubs/notifications"), hub.Create(await RealtimeApp.IdOf(ada)), redirected: false);
        Assert.Contains("401", (await direct.Next("refused")).GetValue<string>(), StringComparison.Ordinal);
    }

    private sealed class Device(Process process) : IDisposable
    {
        public static async Task<Device> Start(Uri address, string token, bool redirected = true) => new(await NodeProgram.Start(
            "tests/Integration/Realtime/signalr-client", "device.mjs", redirected ? new Uri(address, "/api/notifications").ToString() : address.ToString(), token));

        /// <summary>What it says next, which must be this.</summary>
        public async Task<JsonNode> Next(string wanted)
        {
            var line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
            Assert.True(line is not null, "The device has ended.");
            var said = JsonNode.Parse(line)!;
            Assert.True(said["event"]!.GetValue<string>() == wanted, $"Not {wanted}: {line}");
            return said["message"] ?? new JsonObject();
        }

        public void Dispose()
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
