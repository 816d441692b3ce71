using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions;
using TodoFlow.Host;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Messaging.Events;

namespace TodoFlow.Tests.Support;

/// <summary>An application whose consumers wait until a test delivers events to them, in its own order and as often as it likes.</summary>
public sealed class UndeliveredApp : TestApp
{
    /// <summary>Delivers every event of <c>task-events</c> so far to a consumer group.</summary>
    public async Task Deliver<THandler>()
        where THandler : IEventHandler => await Deliver<THandler>(await Records());

    /// <summary>Delivers records to a consumer group.</summary>
    public Task Deliver<THandler>(IReadOnlyList<EventRecord> records)
        where THandler : IEventHandler =>
        Host.Services.GetRequiredService<Inbox>().Deliver(Host.Services.GetRequiredService<THandler>(), records, CancellationToken.None);

    /// <summary>What a transport would deliver of <c>task-events</c>.</summary>
    public Task<IReadOnlyList<EventRecord>> Records() => EventServices.Records(Database);

    /// <summary>Switches off every function that is no request's.</summary>
    public static void ServeRequestsOnly(HostApplicationOptions options)
    {
        var served = typeof(FunctionsSetup).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .Where(method => method.GetParameters().Any(parameter => parameter.IsDefined(typeof(HttpTriggerAttribute))))
            .Select(method => method.GetCustomAttribute<FunctionAttribute>()!.Name);
        foreach (var (index, name) in served.Index())
        {
            options.Settings[$"AzureFunctionsJobHost:functions:{index}"] = name;
        }
    }

    /// <inheritdoc/>
    protected override void Configure(HostApplicationOptions options) => ServeRequestsOnly(options);
}
