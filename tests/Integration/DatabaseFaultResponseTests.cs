using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration;

/// <summary>An application whose database refuses a task with the SQLSTATE in its title.</summary>
public sealed class RefusingApp : TestApp
{
    /// <summary>A user's client.</summary>
    public ApiClient Alice { get; private set; } = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Alice = await SignUp();
        await Database.Execute(
            """
            create function refuse() returns trigger language plpgsql as $$ begin raise exception 'A message' using errcode = new.title; end $$;
            create trigger refuse before insert on task_item for each row when (new.title ~ '^[0-9A-Z]{5}$') execute function refuse();
            """);
    }

    public override async Task DisposeAsync()
    {
        Alice.Dispose();
        await base.DisposeAsync();
    }
}

public sealed class DatabaseFaultResponseTests(RefusingApp app) : IClassFixture<RefusingApp>
{
    [Theory]
    [MemberData(nameof(SqlStates.OfOutages), MemberType = typeof(SqlStates))]
    public async Task An_outage_is_503_with_the_time_to_try_again(string state)
    {
        var response = (await app.Alice.Post("/api/tasks", new { title = state })).IsProblem(503, "database_unavailable");

        Assert.NotNull(response.Header("Retry-After"));
    }

    [Theory]
    [MemberData(nameof(SqlStates.OfDefects), MemberType = typeof(SqlStates))]
    public async Task A_defect_is_500_and_does_not_ask_to_try_again(string state)
    {
        var response = (await app.Alice.Post("/api/tasks", new { title = state })).IsProblem(500, "internal_error");

        Assert.Null(response.Header("Retry-After"));
        Assert.DoesNotContain("A message", response.Body, StringComparison.Ordinal);
    }
}
