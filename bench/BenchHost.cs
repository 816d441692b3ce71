using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;
using TodoFlow.Functions;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Bench;

/// <summary>The host as a process of its own, and a signed-in client of it.</summary>
public sealed class BenchHost : IAsyncDisposable
{
    private static readonly string Key = Convert.ToBase64String(Guid.NewGuid().ToByteArray().Concat(Guid.NewGuid().ToByteArray()).ToArray());
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(12);
    private static readonly LocalIssuer Issuer = NewIssuer();

    /// <summary>The host of this build.</summary>
    public const string Assembly = "TodoFlow.Host.dll";
    private const string Health = "GetHealthReady";

    private readonly HttpClient _http;

    // Where the database is to be dropped at the end.
    private readonly string? _dropOn;

    private BenchHost(ServerProcess server, string database, string? dropOn = null)
    {
        _dropOn = dropOn;
        Server = server;
        _http = new HttpClient { BaseAddress = server.Address };
        ConnectionString = database;
    }

    /// <summary>The database's connection string.</summary>
    public string ConnectionString { get; }

    /// <summary>What every command of the host is run with.</summary>
    public static IReadOnlyList<(string Name, string Value)> Settings { get; } =
    [
        ("Auth__SigningKeys__0__Id", "bench"),
        ("Auth__SigningKeys__0__Key", Key),
        ("Auth__AccessTokenLifetime", TokenLifetime.ToString()),
        ("RateLimits__RequestsPerSecond", "1000000"), // it counts, and lets all through
        ("Quotas__Tasks", "1000000000"), // it adds as many tasks as it can
        ("Quotas__Bytes", "1000000000000"),
        ("Quotas__Reminders", "1000000000"),
        ("Logging__LogLevel__Default", "Warning"),
    ];

    /// <summary>The settings by which a process serves HTTP and nothing else, as the pods of the function group <c>api</c> do.</summary>
    public static IEnumerable<(string Name, string Value)> HttpOnly() => Only(typeof(FunctionsSetup).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods())
        .Where(method => method.GetParameters().Any(parameter => parameter.IsDefined(typeof(HttpTriggerAttribute), inherit: false)))
        .Select(method => method.GetCustomAttribute<FunctionAttribute>()!.Name)
        .Where(name => name != Health));

    /// <summary>Settings with which a process runs these functions only, besides health.</summary>
    public static IEnumerable<(string Name, string Value)> Only(params IEnumerable<string> functions) =>
        functions.Append(Health).Select((name, index) => ($"AzureFunctionsJobHost__functions__{index}", name));

    /// <summary>Where it listens, and its process.</summary>
    public ServerProcess Server { get; }

    /// <summary>Makes a database, which ends with this object, migrates it, starts the host and signs a user up.</summary>
    /// <param name="server">The connection string of the server.</param>
    /// <param name="settings">Settings by their environment name.</param>
    public static async Task<BenchHost> Start(string server, params (string Name, string Value)[] settings)
    {
        var database = await BenchDatabase.Create(server);
        var host = new BenchHost(await Launch(Assembly, database, settings), database, server);
        var answer = await host.Post("/api/auth/register", new JsonObject { ["email"] = "bench@example.com", ["password"] = "correct horse battery" });
        host._http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", answer["access_token"]!.GetValue<string>());
        return host;
    }

    /// <summary>Starts the host over a database that is migrated.</summary>
    public static Task<BenchHost> StartOn(string database, params (string Name, string Value)[] settings) => StartOn(Assembly, database, settings);

    /// <summary>Starts a host of this build or of another one over a database that it has migrated.</summary>
    public static async Task<BenchHost> StartOn(string program, string database, (string Name, string Value)[] settings) =>
        new(await Launch(program, database, settings), database);

    /// <summary>Brings a database to the schema of a build.</summary>
    public static Task Migrate(string database, string program = Assembly) => ServerProcess.Run(program, ["migrate"], [("ConnectionStrings__TodoFlow", database), .. Settings]);

    /// <summary>Starts a host's process.</summary>
    /// <param name="program">Its program, of this build or published.</param>
    /// <param name="database">The connection string of a database that is migrated.</param>
    /// <param name="settings">Settings by their environment name.</param>
    public static Task<ServerProcess> Launch(string program, string database, IEnumerable<(string Name, string Value)> settings) =>
        ServerProcess.Start(program, port => ["serve", "--urls", $"http://127.0.0.1:{port}"], [("ConnectionStrings__TodoFlow", database), .. Settings, .. settings]);

    /// <summary>Signs one more user up.</summary>
    /// <returns>A client of theirs, which the caller disposes of.</returns>
    public async Task<HttpClient> SignUp(string email)
    {
        var client = new HttpClient { BaseAddress = Server.Address };
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

    /// <summary>An access token of a user.</summary>
    public static string TokenOf(Guid user) => Issuer.CreateToken(user, "UTC");

    /// <summary>POST, which must succeed.</summary>
    public Task<JsonNode> Post(string path, JsonObject? body = null) => Post(_http, path, body);

    /// <summary>POST by a user, which must succeed.</summary>
    public static async Task<JsonNode> Post(HttpClient http, string path, JsonObject? body)
    {
        using var response = await http.PostAsJsonAsync(path, body);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    /// <summary>GET, which must succeed.</summary>
    public async Task<JsonNode> Get(string path) => (await _http.GetFromJsonAsync<JsonNode>(path))!;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync();
        if (_dropOn is not null)
        {
            await BenchDatabase.Drop(_dropOn, ConnectionString);
        }
    }

    private static LocalIssuer NewIssuer()
    {
        var settings = new AuthSettings { AccessTokenLifetime = TokenLifetime };
        settings.SigningKeys.Add(new() { Id = "bench", Key = Key });
        return new LocalIssuer(Options.Create(settings), TimeProvider.System);
    }
}
