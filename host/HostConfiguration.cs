using System.Text.Json;
using TodoFlow.Host.Configuration;

namespace TodoFlow.Host;

/// <summary>Where settings come from: later sources win.</summary>
internal static class HostConfiguration
{
    // The Azure host reads these from local.settings.json; here they need not be set.
    private static readonly Dictionary<string, string?> Defaults = new()
    {
        ["Events:Transport"] = "postgres",
        ["Kafka:GroupPrefix"] = "todoflow-",
        ["Kafka:Topics:TaskEvents"] = "task-events",
        ["Kafka:Topics:TaskUpdates"] = "task-updates",
        ["Kafka:Topics:Reminders"] = "reminders",
    };

    /// <summary>Defaults, host.json (below <c>AzureFunctionsJobHost</c>, as in the Functions host), appsettings.json, environment, given settings.</summary>
    /// <exception cref="HostStartException">A file is not JSON.</exception>
    public static void AddSources(IConfigurationBuilder configuration, HostApplicationOptions options)
    {
        try
        {
            var hostJson = new ConfigurationBuilder().AddJsonFile(options.HostJson, optional: true, reloadOnChange: false).Build();
            configuration
                .AddInMemoryCollection(Defaults)
                .AddInMemoryCollection(hostJson.AsEnumerable().Select(entry => KeyValuePair.Create($"AzureFunctionsJobHost:{entry.Key}", entry.Value)))
                .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true, reloadOnChange: false)
                .AddEnvironmentVariables()
                .AddInMemoryCollection(options.Settings);
        }
        catch (InvalidDataException error)
        {
            var reason = error.InnerException is FormatException { InnerException: JsonException json } ? json.Message : error.Message;
            throw new HostStartException($"{error.Message.TrimEnd('.')}: {reason}", error);
        }
    }
}
