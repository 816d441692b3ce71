using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using TodoFlow.Domain.Notifications;
using TodoFlow.Infrastructure.Notifications.WebPush;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.WebPush;

/// <summary>A push service on this machine: takes whatever is posted to it, and answers as a test says.</summary>
/// <param name="certificate">Its certificate; null for http.</param>
public sealed class PushReceiver(X509Certificate2? certificate = null) : IAsyncLifetime
{
    private WebApplication? _server;

    /// <summary>Its address.</summary>
    public Uri Address => new(_server!.Urls.First());

    /// <summary>What it was sent.</summary>
    public Observed<ReceivedMessage> Messages { get; } = new();

    /// <summary>Answers a message; 201 unless a test says otherwise.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = Created;

    /// <summary>The response of a push service that takes a message (RFC 8030 section 5).</summary>
    public static Task Created(HttpContext context)
    {
        context.Response.StatusCode = 201;
        return Task.CompletedTask;
    }

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
        {
            if (certificate is not null)
            {
                endpoint.UseHttps(certificate);
            }
        }));
        _server = builder.Build();
        _server.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            Messages.Add(new(context.Request.Method, context.Request.Path, headers, body.ToArray()));
            await Answer(context);
        });
        await _server.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _server!.StopAsync();
        await _server.DisposeAsync();
    }
}

/// <summary>A request to a push service.</summary>
public sealed record ReceivedMessage(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>What a library of others read of a message.</summary>
public sealed record ReadMessage(byte[] Utf8, JsonNode? Header, JsonNode? Claims, string? Key)
{
    /// <summary>The message, as a service worker reads it.</summary>
    public JsonNode Json => JsonNode.Parse(Utf8)!;
}

/// <summary>A browser that subscribed to a push service: it alone reads what is sent to it.</summary>
public sealed class PushBrowser : IDisposable
{
    private const string Program = "tests/Integration/WebPush/receiver";

    private readonly ECDiffieHellman _key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _auth = RandomNumberGenerator.GetBytes(PushEncryption.AuthBytes);

    /// <summary>Subscribes at a push service.</summary>
    public PushBrowser(Uri service, string path = "/browser") => Endpoint = new Uri(service, path).AbsoluteUri;

    /// <summary>Where the push service takes messages for it.</summary>
    public string Endpoint { get; }

    /// <summary>Its public key.</summary>
    public byte[] PublicKey => CurvePoint.Write(_key.ExportParameters(includePrivateParameters: false).Q);

    /// <summary>Its authentication secret.</summary>
    public byte[] Auth => _auth;

    /// <summary>What <c>PushSubscription.toJSON()</c> gives.</summary>
    public JsonObject ToJson() => new()
    {
        ["endpoint"] = Endpoint,
        ["expirationTime"] = null,
        ["keys"] = new JsonObject { ["p256dh"] = Base64Url.EncodeToString(PublicKey), ["auth"] = Base64Url.EncodeToString(_auth) },
    };

    /// <summary>The subscription as it is stored.</summary>
    public PushSubscription ToSubscription(DateTimeOffset? expiresAt = null) => new()
    {
        Id = Guid.CreateVersion7(),
        UserId = Guid.CreateVersion7(),
        Endpoint = Endpoint,
        P256dh = PublicKey,
        Auth = _auth,
        ExpiresAt = expiresAt,
        CreatedAt = DateTimeOffset.UnixEpoch,
        RefreshedAt = DateTimeOffset.UnixEpoch,
    };

    /// <summary>Reads messages with other libraries than the server's: decrypts each, and verifies its token where it has one.</summary>
    /// <param name="now">The time at which tokens must be valid.</param>
    /// <param name="messages">Messages to this browser.</param>
    public async Task<IReadOnlyList<ReadMessage>> Read(DateTimeOffset now, params IEnumerable<ReceivedMessage> messages)
    {
        var secret = Base64Url.EncodeToString(_key.ExportParameters(includePrivateParameters: true).D);
        var input = new JsonArray([.. messages.Select(message => new JsonObject
        {
            ["body"] = Base64Url.EncodeToString(message.Body),
            ["private_key"] = secret,
            ["auth"] = Base64Url.EncodeToString(_auth),
            ["authorization"] = message.Headers.GetValueOrDefault("Authorization"),
            ["now"] = now.ToUnixTimeMilliseconds(),
        })]);
        var output = JsonNode.Parse(await NodeProgram.Run(Program, "receive.mjs", input.ToJsonString()))!.AsArray();
        return [.. output.Select(message => new ReadMessage(
            Base64Url.DecodeFromChars(message!["message"]!.GetValue<string>()), message["header"], message["claims"], message["key"]?.GetValue<string>()))];
    }

    public void Dispose() => _key.Dispose();
}
