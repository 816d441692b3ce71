namespace Microsoft.Azure.Functions.Worker;

/// <summary>Marks a method as a function and gives it the name that the host, the allow-list and the logs use.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FunctionAttribute(string name) : Attribute
{
    /// <summary>The function's name, unique in the application.</summary>
    public string Name { get; } = name;
}
