using System.Text.Json.Nodes;
using Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;
using Microsoft.Extensions.Options;
using TodoFlow.Functions.Events;
using TodoFlow.Messaging.Kafka;
using Xunit;

namespace TodoFlow.Tests.Unit.Events;

/// <summary>What the Azure Functions host is told of the Kafka triggers.</summary>
public sealed class KafkaTriggerSecurityTests
{
    private const string Trigger =
        """{"name":"records","direction":"In","type":"kafkaTrigger","brokerList":"%Kafka:Brokers%","topic":"%Kafka:Topics:Reminders%","consumerGroup":"g","cardinality":"Many"}""";

    [Fact]
    public void Plain_text_leaves_every_trigger_as_it_is() => Assert.Equal(Trigger, Transformed(new KafkaSettings { Brokers = "kafka:9092" }));

    [Fact]
    public void Mutual_TLS_is_named_by_its_settings()
    {
        var trigger = Parsed(new KafkaSettings
        {
            Brokers = "kafka:9093",
            SecurityProtocol = "SSL",
            SslCaLocation = "/etc/ca.crt",
            SslCertificateLocation = "/etc/user.crt",
            SslKeyLocation = "/etc/user.key",
        });

        Assert.Equal(
            [
                ("protocol", "Ssl"), ("sslCaLocation", "%Kafka:SslCaLocation%"), ("sslCertificateLocation", "%Kafka:SslCertificateLocation%"),
                ("sslKeyLocation", "%Kafka:SslKeyLocation%"),
            ],
            Added(trigger));
    }

    [Theory]
    [InlineData("SASL_SSL", "SCRAM-SHA-256", "SaslSsl", "ScramSha256")]
    [InlineData("SASL_SSL", "SCRAM-SHA-512", "SaslSsl", "ScramSha512")]
    [InlineData("SASL_PLAINTEXT", "PLAIN", "SaslPlaintext", "Plain")]
    public void SASL_is_named_by_its_settings_and_no_secret_is_in_the_metadata(string protocol, string mechanism, string named, string mode)
    {
        var settings = new KafkaSettings
        {
            Brokers = "kafka:9093",
            SecurityProtocol = protocol,
            SaslMechanism = mechanism,
            Username = "todoflow",
            Password = "a secret",
            SslCaPem = "-----",
        };

        Assert.Equal(
            [("protocol", named), ("authenticationMode", mode), ("username", "%Kafka:Username%"), ("password", "%Kafka:Password%"), ("sslCaPEM", "%Kafka:SslCaPem%")],
            Added(Parsed(settings)));
        Assert.DoesNotContain("a secret", Transformed(settings), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_bindings_are_left_as_they_are()
    {
        const string Timer = """{"name":"timer","type":"timerTrigger","schedule":"*/1 * * * * *"}""";

        Assert.Equal(Timer, Transformed(new KafkaSettings { Brokers = "kafka:9093", SecurityProtocol = "SSL" }, Timer));
    }

    // The names and values that Microsoft.Azure.WebJobs.Extensions.Kafka has, whose enumerations are matched by name.
    [Fact]
    public void Protocols_and_mechanisms_are_called_as_the_extension_calls_them()
    {
        Assert.Equal(["Plaintext", "Ssl", "SaslPlaintext", "SaslSsl"], Enum.GetNames<Confluent.Kafka.SecurityProtocol>());
        Assert.Subset(
            Enum.GetNames<Microsoft.Azure.Functions.Worker.BrokerAuthenticationMode>().ToHashSet(), new HashSet<string> { "Plain", "ScramSha256", "ScramSha512" });
        Assert.Subset(
            Enum.GetNames<Microsoft.Azure.Functions.Worker.BrokerProtocol>().ToHashSet(), Enum.GetNames<Confluent.Kafka.SecurityProtocol>().ToHashSet());
    }

    private static IEnumerable<(string, string)> Added(JsonObject trigger) =>
        trigger.Where(property => JsonNode.Parse(Trigger)![property.Key] is null).Select(property => (property.Key, property.Value!.GetValue<string>()));

    private static JsonObject Parsed(KafkaSettings settings) => JsonNode.Parse(Transformed(settings))!.AsObject();

    private static string Transformed(KafkaSettings settings, string binding = Trigger)
    {
        var function = new DefaultFunctionMetadata { Name = "Function", RawBindings = [binding] };
        new KafkaTriggerSecurity(Options.Create(settings)).Transform([function]);
        return Assert.Single(function.RawBindings);
    }
}
