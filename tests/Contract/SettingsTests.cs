using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using TodoFlow.Functions;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Messaging.Kafka;
using TodoFlow.Settings;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Contract;

/// <summary>The settings that the code reads, those of local.settings.sample.json and those of the README are the same.</summary>
public class SettingsTests
{
    // Read one by one, not through a class of settings.
    private static readonly string[] Single =
    [
        "ConnectionStrings:TodoFlow", "Kafka:GroupPrefix", "Kafka:Topics:TaskEvents", "Kafka:Topics:TaskUpdates", "Kafka:Topics:Reminders",
        "AzureSignalRConnectionString",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ];

    // Of the standalone host alone: func start knows nothing of them.
    private static readonly string[] OfTheStandaloneHost =
    [
        "Host:DrainTime", "Host:ShutdownTimeout", "Logging:Format", "Logging:LogLevel:Default", "AzureFunctionsJobHost:functions:0", "ASPNETCORE_URLS",
        "Cors:AllowedOrigins:0", "Kafka:CreateTopics", "Kafka:TopicPartitions", "Kafka:TopicReplication", "Kafka:InstanceId",
        "Kafka:Consumer:GroupProtocol", "AzureFunctionsJobHost:extensions:kafka:sessionTimeoutMs",
    ];

    // Of the Functions host itself.
    private static readonly string[] OfTheAzureHost =
        ["FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage", "AzureWebJobsDisableHomepage", "AzureWebJobsSecretStorageType", "AzureFunctionsWebHost:hostid"];

    [Fact]
    public void The_sample_lists_every_setting_and_no_other()
    {
        using var sample = JsonDocument.Parse(Repository.Read("local.settings.sample.json"));
        var listed = sample.RootElement.GetProperty("Values").EnumerateObject().Select(value => value.Name.Replace("__", ":", StringComparison.Ordinal));

        Assert.Equal(Read().Concat(OfTheAzureHost).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_table_of_the_README_lists_every_setting_and_no_other()
    {
        var listed = Regex.Matches(Repository.Read("README.md"), @"^\| `([A-Za-z0-9_:]+)` \|", RegexOptions.Multiline).Select(match => match.Groups[1].Value);

        Assert.Equal(Read().Concat(OfTheStandaloneHost).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_defaults_that_are_written_down_are_those_of_the_code()
    {
        using var sample = JsonDocument.Parse(Repository.Read("local.settings.sample.json"));
        var sampled = sample.RootElement.GetProperty("Values").EnumerateObject()
            .ToDictionary(value => value.Name.Replace("__", ":", StringComparison.Ordinal), value => value.Value.GetString());
        var documented = Regex.Matches(Repository.Read("README.md"), @"^\| `([A-Za-z0-9_:]+)` \| `([^`]+)` \|", RegexOptions.Multiline)
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

        Assert.All(Defaults(), setting =>
        {
            Assert.Equal(setting.Value, sampled[setting.Key]);
            if (setting.Key != "Events:Transport") // the standalone host has a default of its own
            {
                Assert.Equal(setting.Value, documented[setting.Key]);
            }
        });
    }

    [Fact]
    public void The_sample_holds_no_secret()
    {
        using var sample = JsonDocument.Parse(Repository.Read("local.settings.sample.json"));
        foreach (var value in sample.RootElement.GetProperty("Values").EnumerateObject())
        {
            if (value.Name.EndsWith("Key", StringComparison.Ordinal) || value.Name.EndsWith("Password", StringComparison.Ordinal))
            {
                Assert.Equal("", value.Value.GetString());
            }
        }
    }

    /// <summary>Every setting that the code reads.</summary>
    internal static IEnumerable<string> Known => Read().Concat(OfTheStandaloneHost).Concat(OfTheAzureHost);

    private static IEnumerable<string> Read() => Groups().SelectMany(type => Keys(Section(type), type)).Concat(Single);

    private static IEnumerable<KeyValuePair<string, string>> Defaults() => Groups()
        .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite)
            .Select(property => KeyValuePair.Create($"{Section(type)}:{property.Name}", Text(property.GetValue(Activator.CreateInstance(type))))))
        .Where(setting => setting.Value is not null)!;

    private static string? Text(object? value) => value is bool flag ? (flag ? "true" : "false") : value?.ToString();

    private static IEnumerable<Type> Groups() => new[] { typeof(UserAccounts).Assembly, typeof(KafkaSettings).Assembly, typeof(FunctionsSetup).Assembly }
        .SelectMany(assembly => assembly.GetTypes())
        .Where(type => type is { IsAbstract: false, IsInterface: false } && type.IsAssignableTo(typeof(ISettings)));

    private static string Section(Type settings) => (string)settings.GetProperty(nameof(ISettings.Section))!.GetValue(null)!;

    private static IEnumerable<string> Keys(string prefix, Type type)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.PropertyType == typeof(IList<SigningKeySettings>))
            {
                foreach (var key in Keys($"{prefix}:{property.Name}:0", typeof(SigningKeySettings)))
                {
                    yield return key;
                }
            }
            else if (property.CanWrite)
            {
                yield return $"{prefix}:{property.Name}";
            }
        }
    }
}
