using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Sync;
using TodoFlow.Infrastructure.Sync;
using Xunit;
using Xunit.Abstractions;

namespace TodoFlow.Tests.Integration.Sync;

/// <summary>
/// Random histories of three devices that are offline now and then: overlapping edits, clocks that are wrong, answers that are lost, and
/// commands that are sent again. <c>TODOFLOW_TEST_SYNC_HISTORIES</c> says how many (10,000 for the whole proof); a failure prints the seed.
/// </summary>
public sealed class SyncHistoryTests(SyncApp app, ITestOutputHelper output) : IClassFixture<SyncApp>
{
    private const int Devices = 3;
    private const int SideBySide = 4;

    [Fact]
    public void All_devices_and_the_server_converge_no_command_is_run_twice_and_none_is_lost()
    {
        var histories = int.TryParse(Environment.GetEnvironmentVariable("TODOFLOW_TEST_SYNC_HISTORIES"), CultureInfo.InvariantCulture, out var wanted) ? wanted : 60;
        var history = Gen.Choose(5, 40).SelectMany(length => Gen.Choose(0, int.MaxValue - 1).ArrayOf(length));
        var tests = Config.QuickThrowOnFailure.WithMaxTest((histories + SideBySide - 1) / SideBySide).WithEndSize(1);

        // Several at once: their transactions overlap.
        Prop.ForAll(history.ArrayOf(SideBySide).ToArbitrary(), some => Task.WhenAll(some.Select(Replay))).Check(tests);
        output.WriteLine($"{histories} histories");
    }

    private async Task Replay(int[] steps)
    {
        var user = await app.AddUser();
        var world = new World(app, user);
        foreach (var step in steps)
        {
            await world.Step(step);
        }

        await world.Settle();
        await world.Check();
    }

    private sealed class World(SyncApp app, Guid user)
    {
        private readonly Device[] _devices = [.. Enumerable.Range(0, Devices).Select(_ => new Device())];
        private readonly List<Guid> _tasks = [];
        private readonly Dictionary<Guid, CommandRequest> _commands = [];
        private readonly ConcurrentDictionary<Guid, CommandResult> _acknowledged = []; // devices sync at once

        public async Task Step(int number)
        {
            var device = _devices[Next(ref number, Devices)];
            switch (Next(ref number, 10))
            {
                case < 5:
                    device.Queue.Add(Command(ref number));
                    break;
                case 5:
                    await Task.WhenAll(_devices.Select(each => Sync(each, isLost: false))); // all at once
                    break;
                case 6:
                    await Sync(device, isLost: true);
                    break;
                case 7:
                    await Task.WhenAll(Sync(device, isLost: true), Sync(device, isLost: false)); // the same commands twice at once
                    break;
                case 8:
                    device.Token = null; // reinstalled, or its token expired
                    device.Copy.Clear();
                    break;
                default:
                    await Sync(device, isLost: false);
                    break;
            }
        }

        public async Task Settle()
        {
            for (var round = 0; round < 2; round++) // the first one sends everything, the second one brings it to all
            {
                foreach (var device in _devices)
                {
                    while (await Sync(device, isLost: false) || device.Queue.Count > 0)
                    {
                    }
                }
            }
        }

        public async Task Check()
        {
            var anew = new Device();
            while (await Sync(anew, isLost: false))
            {
            }

            foreach (var device in _devices)
            {
                Assert.Equal(anew.Copy.OrderBy(task => task.Key), device.Copy.OrderBy(task => task.Key));
            }

            // Every version of a task came of one command: none was run twice, or without its result.
            var results = (await app.Database.Column<string>($"select result::text from sync_command where user_id = '{user}'"))
                .Select(text => JsonSerializer.Deserialize(text, CommandJson.Stored.CommandResult)!).ToList();
            Assert.Equal(_commands.Keys.Order(), results.Select(result => result.Id).Order());
            Assert.All(results, result => Assert.Equal((result.Version, result.Problem?.Code), (_acknowledged[result.Id].Version, _acknowledged[result.Id].Problem?.Code)));
            var stored = await app.Database.Column<string>(
                $"""
                select id || ' ' || version || ' ' || title from task_item where user_id = '{user}'
                union all select id || ' ' || (task->>'version') || ' ' || (task->>'title') from trashed_task where user_id = '{user}'
                """);
            Assert.Equal(_commands.Values.Where(command => command.Type == CommandType.Create).Select(command => command.TaskId!.Value).Order(), stored.Select(line => Guid.Parse(line.Split(' ')[0])).Order());
            foreach (var parts in stored.Select(line => line.Split(' ')))
            {
                var (id, version, title) = (Guid.Parse(parts[0]), int.Parse(parts[1], CultureInfo.InvariantCulture), parts[2]);
                var versions = results.Where(result => _commands[result.Id].TaskId == id && result.Version is not null).ToList();
                Assert.Equal(Enumerable.Range(1, version).Select(number => (long)number), versions.Select(result => result.Version!.Value).Distinct().Order());
                var titled = versions.Where(result => Title(_commands[result.Id]) is not null).ToList();
                Assert.Equal(titled.Count, titled.Select(result => result.Version).Distinct().Count());
                Assert.Equal(Title(_commands[titled.MaxBy(result => result.Version)!.Id]), title);
            }
        }

        private async Task<bool> Sync(Device device, bool isLost)
        {
            var sent = device.Queue.Take(20).ToArray();
            var (results, page) = await app.Sync(user, device.Token, sent.Length % 3 == 1 ? 3 : 100, sent);
            if (isLost)
            {
                return true;
            }

            foreach (var result in results)
            {
                Assert.NotEqual(CommandStatus.NotRun, result.Status);
                _acknowledged[result.Id] = result;
                device.Queue.RemoveAll(command => command.Id == result.Id);
            }

            foreach (var removed in page.Changes.Removed)
            {
                device.Copy.Remove(removed.Id);
            }

            foreach (var task in page.Changes.Tasks)
            {
                device.Copy[task.Id] = JsonSerializer.Serialize(task, TaskJson.Wire.TaskResponse);
            }

            device.Token = page.SyncToken;
            return page.HasMore;
        }

        private CommandRequest Command(ref int number)
        {
            var command = new CommandRequest { Id = Guid.NewGuid(), ClientTime = DateTimeOffset.UnixEpoch.AddSeconds(number) };
            var unique = $"t{_commands.Count}";
            var type = _tasks.Count == 0 ? 0 : Next(ref number, 12);
            command.TaskId = type < 2 ? Guid.CreateVersion7() : _tasks[Next(ref number, _tasks.Count)];
            command.BaseVersion = 1 + Next(ref number, 4);
            (command.Type, command.Args) = type switch
            {
                0 or 1 => (CommandType.Create, Args(new { title = unique })),
                2 => (CommandType.Complete, null),
                3 => (CommandType.Reopen, null),
                4 => (CommandType.Delete, null),
                5 or 6 => (CommandType.Restore, null),
                7 => (CommandType.AddTags, Args(new { tags = new[] { $"tag{Next(ref number, 3)}" } })),
                8 => (CommandType.RemoveTags, Args(new { tags = new[] { $"tag{Next(ref number, 3)}" } })),
                _ => (CommandType.Update, Args(new { title = unique, priority = Next(ref number, 2) == 0 ? "low" : "high" })),
            };
            if (command.Type == CommandType.Create)
            {
                _tasks.Add(command.TaskId.Value);
            }

            _commands.Add(command.Id, command);
            return command;
        }

        private static JsonElement? Args(object args) => JsonSerializer.SerializeToElement(args);

        private static string? Title(CommandRequest command) =>
            command.Args is { } args && args.TryGetProperty("title", out var title) ? title.GetString() : null;

        private static int Next(ref int number, int count)
        {
            (number, var chosen) = Math.DivRem(number, count);
            return chosen;
        }
    }

    private sealed class Device
    {
        public string? Token { get; set; }

        public List<CommandRequest> Queue { get; } = [];

        public Dictionary<Guid, string> Copy { get; } = [];
    }
}
