using System.Linq.Expressions;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Host.Discovery;

namespace TodoFlow.Host.Invocation;

/// <summary>
/// Calls a function's method through a delegate compiled once at start: the class is created from the invocation's
/// scope, each parameter comes from the context, and what the method returns is kept in the context.
/// </summary>
internal static class FunctionInvoker
{
    private static readonly MethodInfo KeepResultMethod =
        typeof(FunctionInvoker).GetMethod(nameof(KeepResult), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Compiles the delegate.</summary>
    /// <exception cref="HostStartException">A parameter cannot be bound, or the return type means nothing to the trigger.</exception>
    public static Func<InvocationContext, Task> Compile(string function, MethodInfo method, Trigger trigger)
    {
        RequireReturnType(function, method, trigger);
        var context = Expression.Parameter(typeof(InvocationContext), "context");
        var arguments = method.GetParameters().Select(parameter => Bind(function, parameter, trigger, context));
        var call = Expression.Call(method.IsStatic ? null : Create(function, method.DeclaringType!, context), method, arguments);
        return Expression.Lambda<Func<InvocationContext, Task>>(Keep(call, context), context).Compile();
    }

    /// <summary>Whether the method returns messages for SignalR.</summary>
    public static bool ReturnsMessages(MethodInfo method) => Unwrap(method.ReturnType) == typeof(SignalRMessageAction[]);

    private static Expression Bind(string function, ParameterInfo parameter, Trigger trigger, Expression context)
    {
        if (parameter.Name == trigger.Parameter)
        {
            return trigger is HttpTrigger
                ? Expression.Property(Expression.Property(context, nameof(InvocationContext.Http)), nameof(HttpContext.Request))
                : Expression.Convert(Expression.Property(context, nameof(InvocationContext.TriggerValue)), parameter.ParameterType);
        }

        if (parameter.ParameterType == typeof(CancellationToken))
        {
            return Expression.Property(context, nameof(FunctionContext.CancellationToken));
        }

        if (parameter.ParameterType == typeof(FunctionContext))
        {
            return Expression.Convert(context, typeof(FunctionContext));
        }

        throw HostStartException.ForFunction(
            function, $"has the parameter '{parameter.Name}' of type {parameter.ParameterType.Name}, which this host cannot bind");
    }

    private static UnaryExpression Create(string function, Type type, Expression context)
    {
        ObjectFactory factory;
        try
        {
            factory = ActivatorUtilities.CreateFactory(type, Type.EmptyTypes);
        }
        catch (InvalidOperationException error)
        {
            throw HostStartException.ForFunction(function, $"has a class that cannot be created: {error.Message.TrimEnd('.')}");
        }

        return Expression.Convert(
            Expression.Invoke(
                Expression.Constant(factory),
                Expression.Property(context, nameof(FunctionContext.InstanceServices)),
                Expression.Constant(null, typeof(object[]))),
            type);
    }

    private static Expression Keep(MethodCallExpression call, ParameterExpression context)
    {
        var returned = call.Method.ReturnType;
        if (returned == typeof(Task))
        {
            return call;
        }

        if (Unwrap(returned) is { } result && result != returned)
        {
            return Expression.Call(KeepResultMethod.MakeGenericMethod(result), call, context);
        }

        var done = Expression.Constant(Task.CompletedTask);
        return returned == typeof(void)
            ? Expression.Block(call, done)
            : Expression.Block(Expression.Assign(Expression.Property(context, nameof(InvocationContext.Result)), call), done);
    }

    private static Task KeepResult<T>(Task<T> task, InvocationContext context)
    {
        if (!task.IsCompletedSuccessfully)
        {
            return Await(task, context);
        }

        context.Result = task.Result;
        return Task.CompletedTask;

        static async Task Await(Task<T> task, InvocationContext context) => context.Result = await task;
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
