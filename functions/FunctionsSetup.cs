using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace TodoFlow.Functions;

/// <summary>What both hosts register: the services of the functions and the middleware around every invocation.</summary>
public static class FunctionsSetup
{
    /// <summary>The middleware around every invocation, outermost first. <c>Program.cs</c> names the same types in the same order.</summary>
    public static IReadOnlyList<Type> Middleware { get; } = [];

    /// <summary>Registers everything that the functions and the middleware are constructed from.</summary>
    public static IServiceCollection AddTodoFlowFunctions(this IServiceCollection services, IConfiguration configuration) => services;
}
