using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace TodoFlow.Functions.Middleware;

/// <summary>The methods behind the functions, for what their attributes say.</summary>
internal static class FunctionMethods
{
    private static readonly ConcurrentDictionary<string, MethodInfo?> Found = new();

    /// <summary>
    /// The method of a function of this assembly; null where it cannot be told for certain, so that no attribute of
    /// another method opens it.
    /// </summary>
    public static MethodInfo? Of(FunctionDefinition function) => Found.GetOrAdd(function.EntryPoint, Find);

    private static MethodInfo? Find(string entryPoint)
    {
        var dot = entryPoint.LastIndexOf('.');
        var methods = dot < 0 ? null : typeof(FunctionsSetup).Assembly.GetType(entryPoint[..dot])?.GetMember(
            entryPoint[(dot + 1)..], MemberTypes.Method, BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static);
        return methods is [MethodInfo only] ? only : null;
    }
}
