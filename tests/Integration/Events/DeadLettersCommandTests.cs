using System.Text;
using TodoFlow.Infrastructure.Audit;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Events;

public sealed class DeadLettersCommandTests(UndeliveredApp app) : IClassFixture<UndeliveredApp>
{
    [Fact]
    public async Task Dead_letters_are_listed_shown_replayed_and_dropped()
    {
        using var alice = await app.SignUp();
        var task = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;
        var good = (await app.Records()).Single(record => record.KeyText == task.ToString());
        var cut = good with { Value = Encoding.UTF8.GetBytes("{\"cut\": tru"), Headers = [new("origin", "elsewhere"u8.ToArray())] };
        await app.Deliver<AuditTrail>([cut]);

        var (status, listed, _) = await Run("list");
        Assert.Equal(0, status);
        var id = listed.Split(' ')[0];
        Assert.Contains($"todoflow-audit  task-events/{good.Partition}@{good.Offset}", listed, StringComparison.Ordinal);

        (_, var shown, _) = await Run("show", id);
        Assert.Contains("{\"cut\": tru", shown, StringComparison.Ordinal);
        Assert.Contains("origin = elsewhere", shown, StringComparison.Ordinal);

        (status, _, var errors) = await Run("replay", id);
        Assert.Equal(4, status);
        Assert.Contains("not the expected JSON", errors, StringComparison.Ordinal);

        // The bytes could not be read by the version that parked them; the next one can.
        await app.Database.Execute($"update dead_letter set value = (select payload from outbox where position = {good.Offset}) where id = '{id}'");
        Assert.Equal((0, $"{id}: replayed"), Short(await Run("replay")));
        Assert.Single((await alice.Get($"/api/tasks/{task}/history")).Is(200).Json.AsArray());
        Assert.Equal((0, ""), Short(await Run("list")));
        Assert.Contains("replayed ", (await Run("list", "--all")).Output, StringComparison.Ordinal);

        Assert.Equal((0, $"{id}: dropped"), Short(await Run("drop", id)));
        Assert.Equal(0, await app.Database.Scalar<long>("select count(*) from dead_letter"));
    }

    [Theory]
    [InlineData("show")]
    [InlineData("replay")]
    [InlineData("drop")]
    public async Task One_that_is_not_there_is_said_to_be_missing(string command)
    {
        var id = Guid.NewGuid().ToString();
        var (status, _, errors) = await Run(command, id);
        Assert.Equal(3, status);
        Assert.Equal($"There is no dead letter {id}.", errors.Trim());
    }

    private static (int Status, string Output) Short((int Status, string Output, string Errors) run) => (run.Status, run.Output.Trim());

    private async Task<(int Status, string Output, string Errors)> Run(params string[] arguments)
    {
        using var process = HostProcess.Start(["dead-letters", .. arguments], new Dictionary<string, string>
        {
            ["ConnectionStrings:TodoFlow"] = app.Database.ConnectionString,
            ["Auth:SigningKeys:0:Id"] = "test",
            ["Auth:SigningKeys:0:Key"] = "a signing key of the tests, 32 bytes and more",
        });
        return await process.Exited();
    }
}
