using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Sync;

/// <summary>The client that docs/sync.md shows is a client.</summary>
public sealed partial class SyncClientTests(SyncApp app) : IClassFixture<SyncApp>
{
    private const int MostLines = 60;

    private static string Client => Documented().Match(Repository.Read("docs/sync.md")).Groups[1].Value;

    [Fact]
    public void It_is_short() => Assert.InRange(Client.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 20, MostLines);

    [NodeFact]
    public async Task Two_devices_stay_in_step_online_and_off()
    {
        using var alice = await app.SignUp();
        var gone = (await alice.Post("/api/tasks", new { title = "gone" })).Is(201).Id;
        var program = $$"""
            {{Client}}
            const [url, token, gone] = process.argv.slice(-3);
            const phone = new TodoFlow(url, token), laptop = new TodoFlow(url, token);
            const assert = (holds, what) => { if (!holds) throw new Error(what); };
            const id = "01a2024f-5642-7000-8000-000000000001", other = "01a2024f-5642-7000-8000-000000000002";

            await phone.sync();
            await laptop.sync();
            assert(phone.tasks.has(gone) && laptop.tasks.has(gone), "both have what was there");

            phone.run("create", id, { title: "made offline" });                       // the phone is offline
            phone.run("update", id, { priority: "high" });
            phone.run("create", other, { title: "" });
            laptop.run("delete", gone);
            assert(phone.view().get(id).priority === "high" && !laptop.view().has(gone), "both show it at once");

            const send = globalThis.fetch;
            globalThis.fetch = async (...request) => { await send(...request); throw new TypeError("the answer is lost"); };
            await phone.sync().then(() => assert(false, "it cannot be in step"), () => {});
            globalThis.fetch = send;
            assert(phone.queue.length === 3, "nothing is forgotten");
            await phone.sync();
            await laptop.sync();
            await phone.sync();

            laptop.run("update", id, { title: "renamed" });
            await laptop.sync();
            phone.token = "old";                                                      // it was away for too long
            phone.run("complete", id);
            await phone.sync();
            await laptop.sync();
            for (const device of [phone, laptop]) {
              assert(device.queue.length === 0, "everything was sent");
              assert([...device.tasks.keys()].join() === id, "one task is left");
            }
            console.log(JSON.stringify({ phone: phone.tasks.get(id), laptop: laptop.tasks.get(id), rejected: phone.rejected.map((result) => result.problem.code) }));
            """;
        var file = Path.Combine(Path.GetTempPath(), $"todoflow-sync-{Guid.NewGuid():N}.mjs");
        await File.WriteAllTextAsync(file, program);
        try
        {
            using var node = Process.Start(new ProcessStartInfo("node", [file, app.Address.ToString().TrimEnd('/'), alice.Token!, $"{gone}"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var (output, errors) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
            await node.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
            Assert.True(node.ExitCode == 0, await errors);

            var seen = JsonNode.Parse(await output)!;
            var stored = (await alice.Get($"/api/tasks/{seen["phone"]!["id"]}")).Is(200).Body;
            Assert.Equal((stored, stored), (seen["phone"]!.ToJsonString(), seen["laptop"]!.ToJsonString()));
            Assert.Equal(("renamed", "high", "completed", 4), (
                seen["phone"]!["title"]!.GetValue<string>(), seen["phone"]!["priority"]!.GetValue<string>(), seen["phone"]!["status"]!.GetValue<string>(), seen["phone"]!["version"]!.GetValue<int>()));
            Assert.Equal("""["invalid_request"]""", seen["rejected"]!.ToJsonString());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex("```js\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Documented();
}
