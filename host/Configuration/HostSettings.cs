using System.Globalization;
using TodoFlow.Infrastructure.Realtime;

namespace TodoFlow.Host.Configuration;

/// <summary>The settings of the host itself, read once at start.</summary>
public sealed class HostSettings
{
    /// <summary>
    /// The largest body that is taken off the connection, in bytes: 32 MiB. Functions refuse one over 1 MiB themselves, and the rest
    /// is read and thrown away: a connection that is closed while the client still sends would lose the response.
    /// </summary>
    public const long MaxRequestBodyBytes = 32 * 1024 * 1024;

    private const string DefaultAddress = "http://127.0.0.1:8080";

    private readonly HashSet<string> _allowed;

    private HostSettings(IConfiguration configuration)
    {
        // As in the Functions host: without a value in host.json the prefix is "api".
        RoutePrefix = configuration["AzureFunctionsJobHost:extensions:http:routePrefix"] ?? "api";
        _allowed = configuration.GetSection("AzureFunctionsJobHost:functions").GetChildren()
            .Select(entry => entry.Value).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        EventsUseKafka = (configuration["Events:Transport"] ?? "postgres") switch
        {
            "kafka" => true,
            "postgres" => false,
            var other => throw new HostStartException($"The setting 'Events:Transport' is '{other}'; it must be 'kafka' or 'postgres'."),
        };
        UsesAzureSignalR = !string.IsNullOrEmpty(configuration[AzureSignalR.Setting]);
        ShutdownTimeout = ReadTime(configuration, "Host:ShutdownTimeout", TimeSpan.FromSeconds(30), TimeSpan.FromTicks(1));
        DrainTime = ReadTime(configuration, "Host:DrainTime", TimeSpan.FromSeconds(5), TimeSpan.Zero);
        Addresses = ReadAddresses(configuration);
        MetricsAddress = ReadMetricsAddress(configuration);
    }

    /// <summary>What every route begins with: host.json's <c>extensions.http.routePrefix</c>.</summary>
    public string RoutePrefix { get; }

    /// <summary>The functions that may run (<c>AzureFunctionsJobHost:functions:0..n</c>); empty is all of them.</summary>
    public IReadOnlyCollection<string> AllowedFunctions => _allowed;

    /// <summary>Whether events travel over Kafka; otherwise through PostgreSQL (<c>Events:Transport</c>).</summary>
    public bool EventsUseKafka { get; }

    /// <summary>Whether devices connect to Azure SignalR Service (<c>AzureSignalRConnectionString</c>); otherwise to a hub of this host.</summary>
    public bool UsesAzureSignalR { get; }

    /// <summary>How long a stopping host waits for work in flight (<c>Host:ShutdownTimeout</c>, 30 s by default).</summary>
    public TimeSpan ShutdownTimeout { get; }

    /// <summary>How long it serves requests before that, since SIGTERM (<c>Host:DrainTime</c>, 5 s by default); zero for not at all.</summary>
    public TimeSpan DrainTime { get; }

    /// <summary>The addresses to listen on: <c>urls</c>, <c>ASPNETCORE_URLS</c> or <c>ASPNETCORE_HTTP_PORTS</c>; http://127.0.0.1:8080 by default.</summary>
    public IReadOnlyList<string> Addresses { get; }

    /// <summary>One more address to listen on, where metrics and health are served to whoever asks (<c>Metrics:Url</c>); null for none.</summary>
    public string? MetricsAddress { get; }

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="HostStartException">A value cannot be used; the message names the setting.</exception>
    public static HostSettings Read(IConfiguration configuration) => new(configuration);

    /// <summary>Whether the allow-list lets a function run.</summary>
    public bool Allows(string function) => _allowed.Count == 0 || _allowed.Contains(function);

    private static TimeSpan ReadTime(IConfiguration configuration, string setting, TimeSpan normally, TimeSpan least) => configuration[setting] switch
    {
        null => normally,
        var text when TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) && time >= least && time <= TimeSpan.FromHours(1) => time,
        var text => throw new HostStartException($"The setting '{setting}' is '{text}'; it must be a time such as {normally}."),
    };

    private static string[] ReadAddresses(IConfiguration configuration)
    {
        var urls = configuration["urls"] ?? configuration["ASPNETCORE_URLS"];
        if (urls is null && configuration["ASPNETCORE_HTTP_PORTS"] is { } ports)
        {
            urls = string.Join(';', ports.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(port => $"http://*:{port}"));
        }

        var addresses = (urls ?? DefaultAddress).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (addresses.Length == 0)
        {
            throw new HostStartException("There is no address to listen on: the setting 'urls' is empty.");
        }

        foreach (var address in addresses)
        {
            RequireHttpAddress(address);
        }

        return addresses;
    }

    private static string? ReadMetricsAddress(IConfiguration configuration)
    {
        if (configuration["Metrics:Url"] is not { Length: > 0 } address)
        {
            return null;
        }

        RequireHttpAddress(address);
        return address;
    }

    private static void RequireHttpAddress(string address)
    {
        // "*" and "+" mean every interface; Uri does not know them.
        var parsable = address.Replace("://*", "://any", StringComparison.Ordinal).Replace("://+", "://any", StringComparison.Ordinal);
        if (!Uri.TryCreate(parsable, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new HostStartException($"The address '{address}' is not one to listen on; it must look like {DefaultAddress}.");
        }

        if (uri.Scheme == "https")
        {
            throw new HostStartException($"The address '{address}' is https; this host speaks http, behind a proxy or ingress that ends TLS.");
        }

        if (uri.PathAndQuery != "/")
        {
            throw new HostStartException($"The address '{address}' has a path; routes are not moved by it. Leave it out.");
        }
    }
}
