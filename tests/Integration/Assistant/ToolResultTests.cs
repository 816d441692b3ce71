using System.Diagnostics.Metrics;
using System.Text.Json;
using NJsonSchema;
using TodoFlow.Domain.Accounts;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Tools;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Assistant;

/// <summary>The tools as the chat calls them: in this process, as the caller of a scope.</summary>
public sealed class ToolResultTests(TestApp app) : IClassFixture<TestApp>
{
    [Fact]
    public async Task Actions_are_what_was_committed_not_what_was_asked_for()
    {
        using var alice = await app.SignUp();
        var user = (await alice.Get("/api/me")).Is(200).Id;

        var added = await Call(user, "add_tasks", new { tasks = new object[] { new { title = "One" }, new { title = "" }, new { title = " Two " } } });
        Assert.Equal([(ToolActionType.Created, "One", 1), (ToolActionType.Created, "Two", 1)], added.Actions.Select(action => (action.Type, action.Title, action.Version)));
        Assert.Empty((await Call(user, "add_tasks", new { tasks = new object[] { new { title = "One" } } })).Actions);

        var (one, none) = (added.Actions[0].TaskId, Guid.NewGuid());
        Assert.Equal([(ToolActionType.Updated, "Uno", 2)], Of(await Call(user, "update_tasks", new { tasks = new object[] { new { id = one, title = "Uno" }, new { id = none, title = "x" } } })));
        Assert.Equal([(ToolActionType.Rescheduled, "Uno", 3)], Of(await Call(user, "reschedule_tasks", new { tasks = new object[] { new { id = one, due_date = "2050-01-01" } } })));
        Assert.Equal([(ToolActionType.RemindersSet, "Uno", 4)], Of(await Call(user, "set_reminders", new { tasks = new object[] { new { id = one, reminders = new[] { "1 day" } } } })));
        Assert.Equal([(ToolActionType.Completed, "Uno", 5)], Of(await Call(user, "complete_tasks", new { ids = new[] { one, one, none } })));
        Assert.Equal([(ToolActionType.Reopened, "Uno", 6)], Of(await Call(user, "reopen_tasks", new { ids = new[] { one } })));
        Assert.Equal([(ToolActionType.Deleted, "Uno", 7)], Of(await Call(user, "delete_tasks", new { ids = new[] { one, one } })));
        Assert.Equal([(ToolActionType.Restored, "Uno", 8)], Of(await Call(user, "restore_tasks", new { ids = new[] { one, one } })));
        foreach (var tool in new[] { "get_overview", "find_tasks" })
        {
            Assert.Empty((await Call(user, tool, new { })).Actions);
        }

        static IEnumerable<(ToolActionType, string, long)> Of(ToolResult result) => result.Actions.Select(action => (action.Type, action.Title, action.Version));
    }

    [Fact]
    public async Task What_a_call_returns_is_of_its_schema()
    {
        using var alice = await app.SignUp();
        var user = (await alice.Get("/api/me")).Is(200).Id;
        var id = (await Call(user, "add_tasks", new { tasks = new object[] { new { title = "One", due_date = "2050-01-01", description = "text" } } })).Actions[0].TaskId;
        var ids = new { ids = new[] { id, Guid.NewGuid() } };

        foreach (var (name, arguments) in new (string, object)[]
        {
            ("get_overview", new { }), ("find_tasks", new { }), ("find_tasks", new { in_trash = true }), ("get_task", new { id }),
            ("add_tasks", new { tasks = new object[] { new { title = "Two" }, new { title = "" } } }),
            ("update_tasks", new { tasks = new object[] { new { id, title = "Uno" } } }),
            ("reschedule_tasks", new { tasks = new object[] { new { id, due_date = "2051-01-01" } } }),
            ("set_reminders", new { tasks = new object[] { new { id, reminders = new[] { "1 day" } } } }),
            ("complete_tasks", ids), ("reopen_tasks", ids), ("delete_tasks", ids), ("restore_tasks", ids),
        })
        {
            await using var scope = app.Host.Services.CreateAsyncScope();
            var tool = Tool(scope.ServiceProvider, user, name, out var tools);
            var result = await tools.Invoke(tool, JsonSerializer.SerializeToElement(arguments), CancellationToken.None);

            Assert.False(result.IsError);
            Assert.Empty((await JsonSchema.FromJsonAsync(tool.OutputSchema.GetRawText())).Validate(result.Structured.ToJsonString()));
            Assert.Empty((await JsonSchema.FromJsonAsync(tool.InputSchema.GetRawText())).Validate(JsonSerializer.Serialize(arguments)));
        }
    }

    [Fact]
    public async Task Hints_say_what_a_tool_can_do()
    {
        await using var scope = app.Host.Services.CreateAsyncScope();
        var tools = scope.ServiceProvider.GetRequiredService<AssistantTools>().For(AccessScopes.All);

        Assert.Equal(["get_overview", "find_tasks", "get_task"], tools.Where(tool => tool.ReadOnly).Select(tool => tool.Name));
        Assert.Equal(["update_tasks", "reschedule_tasks", "set_reminders", "delete_tasks"], tools.Where(tool => tool.Destructive).Select(tool => tool.Name));
        Assert.All(tools, tool => Assert.True(tool.Idempotent));
        Assert.All(tools, tool => Assert.Equal(tool.ReadOnly, tool.Scope == AccessScopes.TasksRead));
        Assert.Empty(scope.ServiceProvider.GetRequiredService<AssistantTools>().For(AccessScopes.Calendar | AccessScopes.Account));

        var three = JsonSerializer.SerializeToElement(new { ids = new[] { 1, 2, 3 }, tasks = new[] { 1, 2, 3 } });
        Assert.All(tools, tool => Assert.Equal(tool.ReadOnly ? 0 : 3, tool.CountItems(three)));
        Assert.All(tools, tool => Assert.Equal(0, tool.CountItems(JsonSerializer.SerializeToElement(7))));
    }

    [Fact]
    public async Task Calls_are_measured_by_tool_and_error_without_texts()
    {
        using var alice = await app.SignUp();
        var user = (await alice.Get("/api/me")).Is(200).Id;
        var measured = new List<(string Instrument, string Tags)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == app.Host.Services.GetRequiredService<IMeterFactory>() && instrument.Name.StartsWith("todoflow.assistant.", StringComparison.Ordinal))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        listener.Start();

        await Call(user, "add_tasks", new { tasks = new object[] { new { title = "A secret plan" } } });
        await Call(user, "get_task", new { id = Guid.NewGuid() });

        Assert.Equal(
            [
                ("todoflow.assistant.tool.changes", "gen_ai.tool.name=add_tasks"),
                ("todoflow.assistant.tool.duration", "gen_ai.tool.name=add_tasks"),
                ("todoflow.assistant.tool.duration", "gen_ai.tool.name=get_task error.type=task_not_found"),
            ],
            measured);

        void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (measured)
            {
                measured.Add((instrument.Name, string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
            }
        }
    }

    private static AssistantTool Tool(IServiceProvider scope, Guid user, string name, out AssistantTools tools)
    {
        scope.GetRequiredService<Caller>().SignIn(user, "Europe/Berlin");
        tools = scope.GetRequiredService<AssistantTools>();
        return tools.For(AccessScopes.All).Single(tool => tool.Name == name);
    }

    private async Task<ToolResult> Call(Guid user, string name, object arguments)
    {
        await using var scope = app.Host.Services.CreateAsyncScope();
        var tool = Tool(scope.ServiceProvider, user, name, out var tools);
        return await tools.Invoke(tool, JsonSerializer.SerializeToElement(arguments), CancellationToken.None);
    }
}
