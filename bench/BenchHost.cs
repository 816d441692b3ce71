using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace TodoFlow.Bench;

/// <summary>The host as a process of its own, over a fresh database, and a signed-in client of it.</summary>
public sealed class BenchHost : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private BenchHost(Process process, HttpClient http, string connectionString)
    {
        (_process, _http) = (process, http);
        ConnectionString = connectionString;
    }

    /// <summary>The database's connection string.</summary>
    public string ConnectionString { get; }

    /// <summary>Makes a database, migrates it, starts the host and signs a user up.</summary>
    /// <param name="server">The connection string of the server.</param>
    /// <param name="settings">Settings by their environment name.</param>
    public static async Task<BenchHost> Start(string server, params (string Name, string Value)[] settings)
    {
        var database = $"bench_{Guid.NewGuid():N}";
        await using (var admin = NpgsqlDataSource.Create(server))
        await using (var create = admin.CreateCommand($"create database {database}"))
        {
            await create.ExecuteNonQueryAsync();
        }

        var connectionString = new NpgsqlConnectionStringBuilder(server) { Database = database }.ConnectionString;
        (string, string)[] environment =
        [
            ("ConnectionStrings__TodoFlow", connectionString),
            ("Auth__SigningKeys__0__Id", "bench"),
            ("Auth__SigningKeys__0__Key", Convert.ToBase64String(Guid.NewGuid().ToByteArray().Concat(Guid.NewGuid().ToByteArray()).ToArray())),
            ("RateLimits__RequestsPerSecond", "1000000"),
            ("Logging__LogLevel__Default", "Warning"),
            .. settings,
        ];
        using (var migrate = Launch(["migrate"], environment))
        {
            await migrate.WaitForExitAsync();
            if (migrate.ExitCode != 0)
            {
                throw new InvalidOperationException("The migration failed.");
            }
        }

        var port = FreePort();
        var process = Launch(["serve", "--urls", $"http://127.0.0.1:{port}"], environment);
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Ready(http, process);
        var answer = await Post(http, "/api/auth/register", new JsonObject { ["email"] = "bench@example.com", ["password"] = "correct horse battery" });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", answer["access_token"]!.GetValue<string>());
        return new BenchHost(process, http, connectionString);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => _http.BaseAddress!;

    /// <summary>The memory that the process has in the machine, in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Signs one more user up.</summary>
    /// <returns>A client of theirs, which the caller disposes of.</returns>
    public async Task<HttpClient> SignUp(string email)
    {
        var client = new HttpClient { BaseAddress = Address };
        var answer = await Post(client, "/api/auth/register", new JsonObject { ["email"] = email, ["password"] = "correct horse battery" });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", answer["access_token"]!.GetValue<string>());
        return client;
    }

    /// <summary>Where a device connects, and its token.</summary>
    public static async Task<(Uri Hub, string Token)> Negotiate(HttpClient user)
    {
        var answer = await Post(user, "/api/notifications/negotiate", null);
        return (new Uri(answer["url"]!.GetValue<string>()), answer["accessToken"]!.GetValue<string>());
    }

    /// <summary>POST, which must succeed.</summary>
    public Task<JsonNode> Post(string path, JsonObject? body = null) => Post(_http, path, body);

    /// <summary>GET, which must succeed.</summary>
    public async Task<JsonNode> Get(string path) => (await _http.GetFromJsonAsync<JsonNode>(path))!;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>POST by a user, which must succeed.</summary>
    public static async Task<JsonNode> Post(HttpClient http, string path, JsonObject? body)
    {
        using var response = await http.PostAsJsonAsync(path, body);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private static async Task Ready(HttpClient http, Process process)
    {
        while (!process.HasExited)
        {
            try
            {
                using var response = await http.GetAsync("/health/ready");
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(20);
        }

        throw new InvalidOperationException("The host ended before it was ready.");
    }

    private static Process Launch(IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "TodoFlow.Host.dll"), .. arguments]) { RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
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
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
