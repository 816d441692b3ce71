namespace Microsoft.Azure.Functions.Worker.Middleware;

/// <summary>A step that every invocation passes through.</summary>
public interface IFunctionsWorkerMiddleware
{
    /// <summary>Does its work and calls <paramref name="next"/>, or answers itself.</summary>
    Task Invoke(FunctionContext context, FunctionExecutionDelegate next);
}

/// <summary>The rest of an invocation.</summary>
public delegate Task FunctionExecutionDelegate(FunctionContext context);
