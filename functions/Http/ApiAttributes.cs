namespace TodoFlow.Functions.Http;

/// <summary>The type of a function's JSON body, for OpenAPI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BodyAttribute<T> : BodyAttribute
{
    /// <summary>Names the type.</summary>
    public BodyAttribute()
        : base(typeof(T))
    {
    }
}

/// <inheritdoc cref="BodyAttribute{T}"/>
public abstract class BodyAttribute(Type type) : Attribute
{
    /// <summary>The type that the body is read as.</summary>
    public Type Type { get; } = type;
}

/// <summary>The type of a function's query string, for OpenAPI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class QueryAttribute<T> : QueryAttribute
{
    /// <summary>Names the type.</summary>
    public QueryAttribute()
        : base(typeof(T))
    {
    }
}

/// <inheritdoc cref="QueryAttribute{T}"/>
public abstract class QueryAttribute(Type type) : Attribute
{
    /// <summary>The type that the query is read as.</summary>
    public Type Type { get; } = type;
}

/// <summary>A success that a function answers with, for OpenAPI.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class ReturnsAttribute<T>(int status) : ReturnsAttribute(status, typeof(T));

/// <summary>A success without a body, for OpenAPI.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public class ReturnsAttribute(int status, Type? type = null) : Attribute
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>The type of the body; null where there is none.</summary>
    public Type? Type { get; } = type;
}

/// <summary>The problems that a function answers with besides those that every function may (400, 401, 429, 503), for OpenAPI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProblemsAttribute(params int[] statuses) : Attribute
{
    /// <summary>The HTTP statuses.</summary>
    public IReadOnlyList<int> Statuses { get; } = statuses;
}

/// <summary>The request headers that a function heeds, for OpenAPI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HeedsAttribute(params string[] headers) : Attribute
{
    /// <summary>The headers' names.</summary>
    public IReadOnlyList<string> Headers { get; } = headers;
}
