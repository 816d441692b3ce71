using Confluent.Kafka;
using TodoFlow.Messaging.Kafka;
using Xunit;

namespace TodoFlow.Tests.Unit.Events;

public sealed class KafkaSettingsTests
{
    private static readonly string Readable = typeof(KafkaSettingsTests).Assembly.Location;

    public static TheoryData<string, KafkaSettings> Wrong => new()
    {
        { "Kafka:Brokers", new() },
        { "Kafka:SecurityProtocol", new() { Brokers = "b:9092", SecurityProtocol = "TLS" } },
        { "Kafka:SaslMechanism", new() { Brokers = "b:9092", SecurityProtocol = "SASL_SSL", Username = "u", Password = "p" } },
        { "Kafka:SaslMechanism", new() { Brokers = "b:9092", SecurityProtocol = "SASL_SSL", SaslMechanism = "MD5", Username = "u", Password = "p" } },
        { "Kafka:SaslMechanism", new() { Brokers = "b:9092", SaslMechanism = "PLAIN" } },
        { "Kafka:Username", new() { Brokers = "b:9092", SecurityProtocol = "SASL_SSL", SaslMechanism = "PLAIN", Password = "p" } },
        { "Kafka:Password", new() { Brokers = "b:9092", SecurityProtocol = "SASL_SSL", SaslMechanism = "PLAIN", Username = "u" } },
        { "Kafka:SslCaLocation", new() { Brokers = "b:9092", SecurityProtocol = "SSL", SslCaLocation = Readable, SslCaPem = "x" } },
        { "Kafka:SslCaLocation", new() { Brokers = "b:9092", SecurityProtocol = "SSL", SslCaLocation = "/no/such/file" } },
        { "Kafka:SslCertificateLocation", new() { Brokers = "b:9092", SecurityProtocol = "SSL", SslCertificateLocation = Readable } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_wrong_is_named(string setting, KafkaSettings settings) =>
        Assert.StartsWith(setting, Assert.Single(settings.Check()), StringComparison.Ordinal);

    [Theory]
    [InlineData("PLAIN", SaslMechanism.Plain)]
    [InlineData("SCRAM-SHA-256", SaslMechanism.ScramSha256)]
    [InlineData("scram-sha-512", SaslMechanism.ScramSha512)]
    public void SASL_over_TLS_reaches_the_library(string mechanism, SaslMechanism expected)
    {
        var settings = new KafkaSettings { Brokers = "b:9092", SecurityProtocol = "sasl_ssl", SaslMechanism = mechanism, Username = "u", Password = "p", SslCaPem = "pem" };

        Assert.Empty(settings.Check());
        var config = settings.ToClientConfig();
        Assert.Equal((SecurityProtocol.SaslSsl, expected, "u", "p", "pem"), (config.SecurityProtocol, config.SaslMechanism, config.SaslUsername, config.SaslPassword, config.SslCaPem));
    }

    [Fact]
    public void Mutual_TLS_reaches_the_library()
    {
        var settings = new KafkaSettings
        {
            Brokers = "b:9092",
            SecurityProtocol = "SSL",
            SslCaLocation = Readable,
            SslCertificateLocation = Readable,
            SslKeyLocation = Readable,
            SslKeyPassword = "k",
        };

        Assert.Empty(settings.Check());
        var config = settings.ToClientConfig();
        Assert.Equal((SecurityProtocol.Ssl, Readable, Readable, "k"), (config.SecurityProtocol, config.SslCertificateLocation, config.SslKeyLocation, config.SslKeyPassword));
    }

    [Fact]
    public void Plain_text_needs_the_brokers_only() => Assert.Empty(new KafkaSettings { Brokers = "b:9092" }.Check());
}
