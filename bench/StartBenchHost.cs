using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Npgsql;

namespace TodoFlow.Bench;

/// <summary>The published host over a database of its own, started and stopped as often as wanted.</summary>
internal sealed class StartBenchHost(string published, string server) : IAsyncDisposable
{
    private readonly string _database = $"bench_{Guid.NewGuid():N}";
    private readonly int _port = FreePort();
    private NpgsqlDataSource _source = null!;
    private Process? _process;
    private string? _token;

    /// <summary>Makes the database and signs a user up.</summary>
    public async Task Prepare()
    {
        await using (var admin = NpgsqlDataSource.Create(server))
        await using (var create = admin.CreateCommand($"create database {_database}"))
        {
            await create.ExecuteNonQueryAsync();
        }

        _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server) { Database = _database }.ConnectionString);
        using (var migrate = Launch("migrate"))
        {
            await migrate.WaitForExitAsync();
        }

        await Start();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
        using var response = await http.PostAsJsonAsync("/api/auth/register", new JsonObject { ["email"] = "bench@example.com", ["password"] = "correct horse battery" });
        _token = (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>())!["access_token"]!.GetValue<string>();
        using var client = Client();
        using var task = await client.PostAsJsonAsync("/api/tasks", new JsonObject { ["title"] = "a" });
        task.EnsureSuccessStatusCode();
        await Stop();
    }

    /// <summary>Starts the host.</summary>
    /// <returns>How long it took from starting the process to the first 200.</returns>
    public async Task<TimeSpan> Start()
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
        var started = Stopwatch.GetTimestamp();
        _process = Launch("serve", "--urls", $"http://127.0.0.1:{_port}");
        while (!_process.HasExited)
        {
            try
            {
                using var response = await http.GetAsync("/health/ready");
                if (response.IsSuccessStatusCode)
                {
                    return Stopwatch.GetElapsedTime(started);
                }
            }
            catch (HttpRequestException)
            {
                await Task.Delay(2); // not listening yet
            }
        }

        throw new InvalidOperationException("The host ended before it was ready.");
    }

    /// <summary>Lists the user's tasks, as the first request after the start.</summary>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> List()
    {
        using var http = Client();
        var started = Stopwatch.GetTimestamp();
        using var response = await http.GetAsync("/api/tasks");
        response.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Creates a task, as the first write after the start.</summary>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> Create()
    {
        using var http = Client();
        var started = Stopwatch.GetTimestamp();
        using var response = await http.PostAsJsonAsync("/api/tasks", new JsonObject { ["title"] = "a" });
        response.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Stops it as Kubernetes does.</summary>
    public async Task Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>What the process has computed since its start: unlike its time, it hardly depends on what else the machine does.</summary>
    public TimeSpan ProcessorTime()
    {
        _process!.Refresh();
        return _process.TotalProcessorTime;
    }

    /// <summary>What the process occupies of the machine's memory.</summary>
    public long ResidentBytes()
    {
        _process!.Refresh();
        return _process.WorkingSet64;
    }

    /// <summary>A client of the signed-in user.</summary>
    public HttpClient Client()
    {
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        return http;
    }

    /// <summary>Adds copies of an announced event, each of a task of its own, for the next start to relay and to consume.</summary>
    public async Task Announce(int count)
    {
        await using var command = _source.CreateCommand(
            """
            with one as (select * from outbox where topic = 'task-events' order by position limit 1),
                copies as (select gen_random_uuid() as event, gen_random_uuid() as task from generate_series(1, $1))
            insert into outbox (event_id, topic, key, lane, payload, headers, created_at)
            select event, topic, task::text, get_byte(uuid_send(task), 15) % 8,
                convert_to(replace(replace(convert_from(payload, 'UTF8'), event_id::text, event::text), key, task::text), 'UTF8'), headers, now()
            from one, copies
            """);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = count });
        command.CommandTimeout = 300;
        await command.ExecuteNonQueryAsync();
        await using var forget = _source.CreateCommand("delete from inbox");
        await forget.ExecuteNonQueryAsync();
    }

    /// <summary>Waits until every group has taken the events up.</summary>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> Consumed(int count)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            await using var command = _source.CreateCommand("select count(*) from inbox");
            if (await command.ExecuteScalarAsync() is long taken && taken >= count)
            {
                return Stopwatch.GetElapsedTime(started);
            }

            await Task.Delay(50);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        await _source.DisposeAsync();
    }

    private Process Launch(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(published, "TodoFlow.Host"), arguments) { RedirectStandardOutput = true };
        foreach (var (name, value) in new[]
        {
            ("ConnectionStrings__TodoFlow", new NpgsqlConnectionStringBuilder(server) { Database = _database }.ConnectionString),
            ("Auth__SigningKeys__0__Id", "bench"),
            ("Auth__SigningKeys__0__Key", "a signing key of the benchmark, 32 bytes and more"),
            ("RateLimits__RequestsPerSecond", "1000000"),
            ("Logging__LogLevel__Default", "Warning"),
            ("DOTNET_EnableDiagnostics", "0"), // as in the image
        })
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { }; // read, or the process would block on a full pipe
        process.BeginOutputReadLine();
        return process;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
