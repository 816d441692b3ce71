namespace TodoFlow.Bench;

/// <summary>Starts the twin of <c>bench/raw-twin</c>: what the same work takes with nothing in between.</summary>
public static class RawTwin
{
    private const string Assembly = "TodoFlow.RawTwin.dll";

    /// <summary>The routes of tasks, over a database with TodoFlow's schema. The header <c>X-User</c> says whose they are.</summary>
    public static Task<ServerProcess> Start(string database) => Start(Assembly, database, []);

    /// <summary>The same from another build of it.</summary>
    public static Task<ServerProcess> Start(string program, string database, IEnumerable<(string Name, string Value)> environment) =>
        ServerProcess.Start(program, port => ["tasks", database, $"{port}"], environment);

    /// <summary>The same routes over a database with the neutral schema, <c>bench/Http/neutral.sql</c>.</summary>
    public static Task<ServerProcess> StartNeutral(string database) => ServerProcess.Start(Assembly, port => ["neutral", database, $"{port}"], []);

    /// <summary>A bare SignalR hub at <c>/hub</c>; <c>POST /send</c> sends to all devices of the user in <c>X-User</c>.</summary>
    public static Task<ServerProcess> StartHub() => ServerProcess.Start(Assembly, port => ["hub", $"{port}"], []);
}
