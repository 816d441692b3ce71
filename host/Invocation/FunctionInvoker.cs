using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Host.Configuration;

namespace TodoFlow.Host.Invocation;

/// <summary>
/// Calls a function's method: the class is created from the invocation's scope, each parameter comes from the context, and what the
/// method returns is kept in the context. It does so by reflection, which makes code of its own for what is called more than once:
/// to compile a delegate for every function took a start longer than all that the functions need.
/// </summary>
internal sealed class FunctionInvoker
{
    private readonly MethodInfo _method;
    private readonly Func<InvocationContext, object?>[] _arguments;
    private readonly bool _givesResult;

    /// <summary>Prepares to call the method.</summary>
    /// <exception cref="HostStartException">The class cannot be created, a parameter cannot be bound, or the return type means nothing to the trigger.</exception>
    public FunctionInvoker(string function, MethodInfo method, Trigger trigger)
    {
        RequireReturnType(function, method, trigger);
        if (!method.IsStatic && method.DeclaringType!.GetConstructors().Length == 0)
        {
            throw HostStartException.ForFunction(function, $"has a class that cannot be created: {method.DeclaringType.Name} has no public constructor");
        }

        _method = method;
        _arguments = [.. method.GetParameters().Select(parameter => Bind(function, parameter, trigger))];
        _givesResult = Unwrap(method.ReturnType) != typeof(void);
    }

    /// <summary>Creates the function's class in the invocation's scope and calls the method.</summary>
    public Task Invoke(InvocationContext context)
    {
        var instance = _method.IsStatic ? null : ActivatorUtilities.CreateInstance(context.InstanceServices, _method.DeclaringType!);
        var arguments = Array.ConvertAll(_arguments, argument => argument(context));
        var returned = _method.Invoke(instance, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null);
        if (returned is Task task)
        {
            return _givesResult ? KeepResult(task, context) : task;
        }

        context.Result = returned;
        return Task.CompletedTask;
    }

    /// <summary>Whether the method returns messages for SignalR.</summary>
    public static bool ReturnsMessages(MethodInfo method) => Unwrap(method.ReturnType) == typeof(SignalRMessageAction[]);

    private static Func<InvocationContext, object?> Bind(string function, ParameterInfo parameter, Trigger trigger)
    {
        if (parameter.Name == trigger.Parameter)
        {
            return trigger is HttpTrigger ? static context => context.Http!.Request : static context => context.TriggerValue;
        }

        if (parameter.ParameterType == typeof(CancellationToken))
        {
            return static context => context.CancellationToken;
        }

        if (parameter.ParameterType == typeof(FunctionContext))
        {
            return static context => context;
        }

        throw HostStartException.ForFunction(
            function, $"has the parameter '{parameter.Name}' of type {parameter.ParameterType.Name}, which this host cannot bind");
    }

    private static async Task KeepResult(Task task, InvocationContext context)
    {
        await task;
        context.Result = task switch
        {
            Task<IResult> answered => answered.Result,
            Task<SignalRMessageAction[]> told => told.Result,
            _ => task.GetType().GetProperty(nameof(Task<>.Result))!.GetValue(task), // of a type of its own
        };
    }

    private static void RequireReturnType(string function, MethodInfo method, Trigger trigger)
    {
        var returned = Unwrap(method.ReturnType);
        var known = returned == typeof(void) || returned == typeof(SignalRMessageAction[])
            || (trigger is HttpTrigger && typeof(IResult).IsAssignableFrom(returned));
        if (!known)
        {
            throw HostStartException.ForFunction(
                function,
                $"returns {method.ReturnType.Name}{(returned == method.ReturnType ? "" : $" of {returned.Name}")}; " +
                $"{(trigger is HttpTrigger ? "an HTTP function returns IResult" : "it may return nothing or SignalRMessageAction[]")}");
        }
    }

    /// <summary>The type that the method gives, without its Task; void for a Task of nothing.</summary>
    private static Type Unwrap(Type returned) =>
        returned == typeof(Task) ? typeof(void)
        : returned.IsGenericType && returned.GetGenericTypeDefinition() == typeof(Task<>) ? returned.GetGenericArguments()[0]
        : returned;
}
