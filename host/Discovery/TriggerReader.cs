using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Host.Configuration;
using TodoFlow.Host.Invocation;

namespace TodoFlow.Host.Discovery;

/// <summary>Reads a method's trigger from its parameters.</summary>
internal sealed class TriggerReader(HostSettings settings, IConfiguration configuration)
{
    /// <summary>
    /// The one parameter of the method that carries a trigger. An attribute counts as a trigger by its name, so that a
    /// trigger of another extension is refused instead of overlooked.
    /// </summary>
    public static (ParameterInfo Parameter, Attribute Attribute) FindTrigger(string function, MethodInfo method)
    {
        var found = method.GetParameters()
            .SelectMany(parameter => parameter.GetCustomAttributes(inherit: false).OfType<Attribute>(), (parameter, attribute) => (parameter, attribute))
            .Where(binding => binding.attribute.GetType().Name.EndsWith("TriggerAttribute", StringComparison.Ordinal))
            .ToList();
        return found.Count switch
        {
            0 => throw HostStartException.ForFunction(function, $"has no trigger on {Describe(method)}"),
            1 => found[0],
            _ => throw HostStartException.ForFunction(function, $"has {found.Count} triggers on {Describe(method)}; it needs exactly one"),
        };
    }

    /// <summary>The trigger with its settings resolved.</summary>
    public Trigger Read(string function, ParameterInfo parameter, Attribute attribute) => attribute switch
    {
        HttpTriggerAttribute http => ReadHttp(function, parameter, http),
        TimerTriggerAttribute timer => ReadTimer(function, parameter, timer),
        KafkaTriggerAttribute kafka => ReadKafka(function, parameter, kafka),
        _ => throw HostStartException.ForFunction(
            function, $"has the trigger '{attribute.GetType().Name[..^"Attribute".Length]}', which this host does not know"),
    };

    private HttpTrigger ReadHttp(string function, ParameterInfo parameter, HttpTriggerAttribute http)
    {
        RequireType(function, parameter, "HttpTrigger", typeof(HttpRequest));
        var route = SettingExpressions.Resolve(function, "Route", http.Route, configuration) ?? function;
        var prefixed = $"{settings.RoutePrefix.Trim('/')}/{route.TrimStart('/')}".Trim('/');
        return new HttpTrigger(parameter.Name!, prefixed, [.. (http.Methods ?? []).Select(method => method.ToUpperInvariant()).Distinct()]);
    }

    private TimerTrigger ReadTimer(string function, ParameterInfo parameter, TimerTriggerAttribute timer)
    {
        RequireType(function, parameter, "TimerTrigger", typeof(TimerInfo));
        var schedule = SettingExpressions.Resolve(function, "Schedule", timer.Schedule, configuration)!;
        return new TimerTrigger(parameter.Name!, TimerSchedule.Parse(function, schedule), timer.RunOnStartup, timer.UseMonitor);
    }

    private KafkaTrigger ReadKafka(string function, ParameterInfo parameter, KafkaTriggerAttribute kafka)
    {
        RequireType(function, parameter, kafka.IsBatched ? "KafkaTrigger with IsBatched" : "KafkaTrigger without IsBatched",
            kafka.IsBatched ? typeof(KafkaRecord[]) : typeof(KafkaRecord));
        return new KafkaTrigger(
            parameter.Name!,
            Resolve(nameof(kafka.Topic), kafka.Topic)!,
            Resolve(nameof(kafka.ConsumerGroup), kafka.ConsumerGroup) ?? "$Default", // the extension's own default
            kafka.IsBatched,
            settings.EventsUseKafka ? ReadBroker() : null);

        KafkaBroker ReadBroker() => new(Resolve(nameof(kafka.BrokerList), kafka.BrokerList)!)
        {
            Protocol = kafka.Protocol,
            AuthenticationMode = kafka.AuthenticationMode,
            Username = Resolve(nameof(kafka.Username), kafka.Username),
            Password = Resolve(nameof(kafka.Password), kafka.Password),
            SslCaLocation = Resolve(nameof(kafka.SslCaLocation), kafka.SslCaLocation),
            SslCertificateLocation = Resolve(nameof(kafka.SslCertificateLocation), kafka.SslCertificateLocation),
            SslKeyLocation = Resolve(nameof(kafka.SslKeyLocation), kafka.SslKeyLocation),
            SslKeyPassword = Resolve(nameof(kafka.SslKeyPassword), kafka.SslKeyPassword),
            SslCaPem = Resolve(nameof(kafka.SslCaPEM), kafka.SslCaPEM),
            SslCertificatePem = Resolve(nameof(kafka.SslCertificatePEM), kafka.SslCertificatePEM),
            SslKeyPem = Resolve(nameof(kafka.SslKeyPEM), kafka.SslKeyPEM),
        };

        string? Resolve(string property, string? text) => SettingExpressions.Resolve(function, property, text, configuration);
    }

    private static void RequireType(string function, ParameterInfo parameter, string trigger, Type expected)
    {
        if (parameter.ParameterType != expected)
        {
            throw HostStartException.ForFunction(
                function, $"has a {trigger} on the parameter '{parameter.Name}' of type {parameter.ParameterType.Name}; it must be {expected.Name}");
        }
    }

    private static string Describe(MethodInfo method) => $"{method.DeclaringType!.FullName}.{method.Name}";
}
