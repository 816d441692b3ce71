namespace Microsoft.Azure.Functions.Worker;

/// <summary>Runs the function for HTTP requests of the named methods on <see cref="Route"/>.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class HttpTriggerAttribute : Attribute
{
    /// <summary>Every method, with a function key.</summary>
    public HttpTriggerAttribute()
    {
        AuthLevel = AuthorizationLevel.Function;
    }

    /// <summary>The named methods, without a key.</summary>
    public HttpTriggerAttribute(params string[] methods)
    {
        Methods = methods;
    }

    /// <summary>Every method, at the given level.</summary>
    public HttpTriggerAttribute(AuthorizationLevel authLevel)
    {
        AuthLevel = authLevel;
    }

    /// <summary>The named methods, at the given level.</summary>
    public HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods)
    {
        AuthLevel = authLevel;
        Methods = methods;
    }

    /// <summary>The route template, with constraints such as <c>{id:guid}</c>; the function's name where it is null.</summary>
    public string? Route { get; set; }

    /// <summary>The HTTP methods; null is every method.</summary>
    public string[]? Methods { get; }

    /// <summary>The host key that a caller needs. TodoFlow's functions are Anonymous here and check tokens themselves.</summary>
    public AuthorizationLevel AuthLevel { get; }
}

/// <summary>Which host key an HTTP caller needs.</summary>
public enum AuthorizationLevel
{
    /// <summary>No key.</summary>
    Anonymous = 0,

    /// <summary>A user's token.</summary>
    User = 1,

    /// <summary>A key of the function.</summary>
    Function = 2,

    /// <summary>A system key.</summary>
    System = 3,

    /// <summary>The master key.</summary>
    Admin = 4,
}
