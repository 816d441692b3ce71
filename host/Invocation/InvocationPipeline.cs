using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using TodoFlow.Host.Configuration;

namespace TodoFlow.Host.Invocation;

/// <summary>
/// The chain that every invocation passes through: the middleware, outermost first, and the function. As in the
/// Azure host each middleware is one instance for the life of the host, and an HTTP function's <c>IResult</c> is
/// executed after the chain.
/// </summary>
internal sealed class InvocationPipeline
{
    private readonly FunctionExecutionDelegate _chain;
    private readonly ISignalRSender? _sender;

    /// <param name="middleware">The middleware, outermost first.</param>
    /// <param name="sender">Sends the messages that functions return; null where no function returns any.</param>
    public InvocationPipeline(IEnumerable<IFunctionsWorkerMiddleware> middleware, ISignalRSender? sender)
    {
        _sender = sender;
        _chain = static context => context is InvocationContext invocation
            ? invocation.Function.Invoke(invocation)
            : throw new InvalidOperationException("A middleware passed on another context than it was given.");
        foreach (var step in middleware.Reverse())
        {
            var next = _chain;
            _chain = context => step.Invoke(context, next);
        }
    }

    /// <summary>Runs the chain and sends the messages that the function returned.</summary>
    public Task Run(InvocationContext context) =>
        context.Function.SignalROutput is null ? _chain(context) : RunAndSend(context, context.Function.SignalROutput);

    private async Task RunAndSend(InvocationContext context, SignalROutputAttribute output)
    {
        await _chain(context);
        if (context.Result is SignalRMessageAction[] { Length: > 0 } messages)
        {
            await _sender!.Send(output, messages, context.CancellationToken);
        }
    }

    /// <summary>Creates the chain with its middleware from the host's services.</summary>
    /// <exception cref="HostStartException">A function returns messages and nothing is registered to send them.</exception>
    public static InvocationPipeline Create(IServiceProvider services, IReadOnlyList<Type> middleware, IEnumerable<HostedFunction> functions)
    {
        var sender = services.GetService<ISignalRSender>();
        if (sender is null && functions.FirstOrDefault(function => function.SignalROutput is not null) is { } function)
        {
            throw HostStartException.ForFunction(function.Name, "returns SignalR messages, and nothing in this host sends them");
        }

        return new InvocationPipeline(middleware.Select(type => (IFunctionsWorkerMiddleware)services.GetRequiredService(type)).ToList(), sender);
    }
}
