using System.Globalization;
using System.Text.Json.Nodes;
using TodoFlow.Host;
using TodoFlow.Tests.Integration.Accounts;
using TodoFlow.Tests.Integration.Realtime;
using TodoFlow.Tests.Integration.WebPush;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Notifications;

/// <summary>The whole way of a reminder, by the system's clock: from the task to each of its user's devices.</summary>
public sealed class ReminderJourneyTests
{
    [Fact]
    public async Task A_reminder_reaches_its_user_by_every_channel_and_its_trace_tells_how()
    {
        await using var mail = new MailServer(new() { Busy = 1 });
        var app = new App(mail.Port);
        var pushes = new PushReceiver();
        await app.InitializeAsync();
        await pushes.InitializeAsync();
        try
        {
            using var ada = await app.SignUp();
            using var bob = await app.SignUp();
            var mails = new[] { await mail.Next(), await mail.Next() }; // one of both was refused once, with 421
            var address = (await ada.Get("/api/me")).Text("email");
            var verification = mails.Single(one => one.To.Contains(address));
            (await ada.Post("/api/auth/verify", new { token = MailedApp.TokenOf(verification, "/api/auth/verify") })).Is(204);
            using var browser = new PushBrowser(pushes.Address);
            (await ada.Post("/api/notifications/push-subscriptions", browser.ToJson())).Is(201);
            await using var phone = await RealtimeApp.Connect(ada);
            await using var laptop = await RealtimeApp.Connect(ada);
            await using var others = await RealtimeApp.Connect(bob);

            var task = (await ada.Post("/api/tasks", new { title = "Call Grandma", due_date = DateTimeOffset.UtcNow.AddMinutes(15).AddSeconds(2), reminder_offset = "15 minutes" })).Is(201);

            foreach (var device in new[] { phone, laptop })
            {
                Assert.Equal("created", (await device.Next("task_update"))["change"]!.GetValue<string>());
                var reminder = await device.Next("reminder");
                Assert.Equal((task.Id, "Call Grandma", false), (reminder["task_id"]!.GetValue<Guid>(), reminder["title"]!.GetValue<string>(), reminder["late"]!.GetValue<bool>()));
            }

            var pushed = Assert.Single(await browser.Read(DateTimeOffset.UtcNow, await pushes.Messages.Next()));
            Assert.Equal("Call Grandma", pushed.Json["title"]!.GetValue<string>());
            Assert.Equal("Call Grandma", (await mail.Next()).Message.Subject);

            var inbox = Assert.Single((await ada.Get("/api/notifications")).Is(200).Json.AsArray());
            Assert.Equal(task.Id, inbox!["task_id"]!.GetValue<Guid>());
            Assert.Empty((await bob.Get("/api/notifications")).Is(200).Json.AsArray());

            var sent = Assert.Single((await ada.Get($"/api/reminders?task_id={task.Id}")).Is(200).Json.AsArray())!;
            Assert.Equal("sent", sent["status"]!.GetValue<string>());
            Assert.True(Instant(sent, "fired_at") >= Instant(sent, "remind_at"));
            var steps = (await ada.Get($"/api/reminders/{sent["id"]}/trace")).Is(200).Json.AsArray().Select(step => step!["step"]!.GetValue<string>()).ToList();
            Assert.Equal(["scheduled", "claimed", "published", "notified"], steps.Take(4));

            // Nothing of hers came to the other user before his own.
            (await bob.Post("/api/tasks", new { title = "Bob's own" })).Is(201);
            Assert.Equal("Bob's own", (await others.Next("task_update"))["fields"]!["title"]!.GetValue<string>());
        }
        finally
        {
            await pushes.DisposeAsync();
            await app.DisposeAsync();
        }
    }

    private static DateTimeOffset Instant(JsonNode reminder, string field) =>
        DateTimeOffset.Parse(reminder[field]!.GetValue<string>(), CultureInfo.InvariantCulture);

    private sealed class App(int smtpPort) : RealtimeApp
    {
        protected override void Configure(HostApplicationOptions options)
        {
            base.Configure(options);
            WebPushSetting.Configure(options, allowPrivate: true);
            options.Settings["Email:Host"] = "127.0.0.1";
            options.Settings["Email:Port"] = smtpPort.ToString(CultureInfo.InvariantCulture);
            options.Settings["Email:Security"] = "none";
            options.Settings["Email:From"] = "reminders@example.com";
            options.Settings["Email:PublicUrl"] = "https://todo.example.com";
        }
    }
}
