using System.Text.Json;
using Microsoft.ML.Tokenizers;
using TodoFlow.Functions.Assistant;
using TodoFlow.Infrastructure.Assistant.Tools;
using TodoFlow.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace TodoFlow.Tests.Integration.Assistant;

/// <summary>What the tools cost: a client sends the list of them, and the instructions, to its model with every turn.</summary>
public sealed class ToolListTests(TestApp app, ITestOutputHelper output) : IClassFixture<TestApp>
{
    [Fact]
    public async Task The_list_of_tools_with_the_instructions_is_below_4000_tokens()
    {
        using var alice = await app.SignUp();
        var list = (await new McpCaller(alice).Request("tools/list", new { }))["result"]!;
        var tokenizer = TiktokenTokenizer.CreateForEncoding("o200k_base"); // of GPT-4o and later; other models' count alike

        var tokens = tokenizer.CountTokens(list.ToJsonString()) + tokenizer.CountTokens(McpEndpoint.Instructions);

        output.WriteLine($"{tokens} tokens");
        Assert.InRange(tokens, 500, 3999);
    }

    [Theory]
    [InlineData("a=1", "a=1", true)]
    [InlineData("b=1;a=2", "a=2;b=1", true)]
    [InlineData("a=1", "a=2", false)]
    public void The_content_of_a_task_is_what_its_fields_say(string one, string other, bool same)
    {
        Assert.Equal(same, AddedTaskId.ContentOf(Fields(one)) == AddedTaskId.ContentOf(Fields(other)));

        static IEnumerable<KeyValuePair<string, JsonElement>> Fields(string text) =>
            text.Split(';').Select(field => field.Split('=')).Select(field => KeyValuePair.Create(field[0], JsonSerializer.SerializeToElement(field[1])));
    }

    [Fact]
    public void An_added_task_s_id_never_changes()
    {
        var user = new Guid("0190a4a0-0000-7000-8000-000000000001");

        var id = AddedTaskId.For([1, 2, 3], user, "date:2026-01-01", "title=\"Buy milk\"", 0);

        Assert.Equal(8, id.Version);
        Assert.Equal("aecc9100-8c9f-8556-893c-665697acd0af", id.ToString());
        Assert.Equal(5, new[]
        {
            id,
            AddedTaskId.For([1, 2, 4], user, "date:2026-01-01", "title=\"Buy milk\"", 0),
            AddedTaskId.For([1, 2, 3], new Guid("0190a4a0-0000-7000-8000-000000000002"), "date:2026-01-01", "title=\"Buy milk\"", 0),
            AddedTaskId.For([1, 2, 3], user, "date:2026-01-02", "title=\"Buy milk\"", 0),
            AddedTaskId.For([1, 2, 3], user, "date:2026-01-01", "title=\"Buy milk\"", 1),
        }.Distinct().Count());
    }
}
