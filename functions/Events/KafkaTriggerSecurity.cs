using System.Text.Json.Nodes;
using Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;
using Microsoft.Extensions.Options;
using TodoFlow.Messaging.Kafka;

namespace TodoFlow.Functions.Events;

/// <summary>
/// Tells the Azure Functions host how its Kafka triggers reach the brokers: by the <c>Kafka:*</c> settings, as everything else does.
/// The host's extension takes protocol and credentials from the trigger alone, and an attribute cannot take its protocol from a setting.
/// So they are added to the metadata that the host asks this process for.
/// </summary>
/// <remarks>
/// The metadata names settings, which the host resolves in its own environment; no secret is in it. The standalone host reads the
/// settings itself.
/// </remarks>
public sealed class KafkaTriggerSecurity(IOptions<KafkaSettings> settings) : IFunctionMetadataTransformer
{
    /// <inheritdoc/>
    public string Name => nameof(KafkaTriggerSecurity);

    /// <inheritdoc/>
    /// <exception cref="OptionsValidationException">The settings contradict each other.</exception>
    public void Transform(IList<IFunctionMetadata> original)
    {
        foreach (var bindings in original.Select(function => function.RawBindings).OfType<IList<string>>())
        {
            for (var i = 0; i < bindings.Count; i++)
            {
                if (JsonNode.Parse(bindings[i]) is JsonObject binding && binding["type"]?.GetValue<string>() is "kafkaTrigger" && Secure(binding))
                {
                    bindings[i] = binding.ToJsonString();
                }
            }
        }
    }

    private bool Secure(JsonObject trigger)
    {
        var kafka = settings.Value;
        var client = kafka.ToClientConfig();
        if (client.SecurityProtocol is null or Confluent.Kafka.SecurityProtocol.Plaintext)
        {
            return false;
        }

        trigger["protocol"] = $"{client.SecurityProtocol}"; // both enumerations have the same names
        if (client.SaslMechanism is { } mechanism)
        {
            trigger["authenticationMode"] = $"{mechanism}";
        }

        foreach (var (property, setting, value) in new[]
        {
            ("username", nameof(kafka.Username), kafka.Username),
            ("password", nameof(kafka.Password), kafka.Password),
            ("sslCaLocation", nameof(kafka.SslCaLocation), kafka.SslCaLocation),
            ("sslCaPEM", nameof(kafka.SslCaPem), kafka.SslCaPem),
            ("sslCertificateLocation", nameof(kafka.SslCertificateLocation), kafka.SslCertificateLocation),
            ("sslKeyLocation", nameof(kafka.SslKeyLocation), kafka.SslKeyLocation),
            ("sslKeyPassword", nameof(kafka.SslKeyPassword), kafka.SslKeyPassword),
        })
        {
            if (value is not null)
            {
                trigger[property] = $"%{KafkaSettings.Section}:{setting}%";
            }
        }

        return true;
    }
}
