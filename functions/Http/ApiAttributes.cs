using TodoFlow.Domain.Accounts;

namespace TodoFlow.Functions.Http;

/// <summary>The type of a function's JSON body, for OpenAPI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BodyAttribute(Type type) : Attribute
{
    /// <summary>The type that the body is read as.</summary>
    public Type Type { get; } = type;

    /// <summary>Whether a request may come without a body.</summary>
    public bool IsOptional { get; init; }
}

/// <summary>The type of a function's query string, for OpenAPI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class QueryAttribute(Type type) : Attribute
{
    /// <summary>The type that the query is read as.</summary>
    public Type Type { get; } = type;
}

/// <summary>What a function responds with apart from problems, for OpenAPI: a success, or a status that carries no problem.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="headers">The response headers that come with it, apart from those of every response.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public class ReturnsAttribute(int status, params string[] headers) : Attribute
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>The response headers that come with it.</summary>
    public IReadOnlyList<string> Headers { get; } = headers;

    /// <summary>The type of a JSON body; null where there is none.</summary>
    public virtual Type? Type => null;

    /// <summary>The media type of a body that is not JSON of a type; null where there is none.</summary>
    public string? ContentType { get; init; }

    /// <summary>
    /// The type whose <see cref="ServerSentEventAttribute"/>s name the events that come in place of the body, where the client accepts
    /// <c>text/event-stream</c>; null where there are none.
    /// </summary>
    public Type? Events { get; init; }
}

/// <summary>A JSON body that a function responds with, for OpenAPI.</summary>
/// <inheritdoc cref="ReturnsAttribute"/>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class ReturnsAttribute<T>(int status, params string[] headers) : ReturnsAttribute(status, headers)
{
    /// <inheritdoc/>
    public override Type Type => typeof(T);
}

/// <summary>A server-sent event of a stream, for OpenAPI.</summary>
/// <param name="name">What stands behind <c>event:</c>.</param>
/// <param name="data">The type of the JSON behind <c>data:</c>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class ServerSentEventAttribute(string name, Type data) : Attribute
{
    /// <summary>What stands behind <c>event:</c>.</summary>
    public string Name { get; } = name;

    /// <summary>The type of the JSON behind <c>data:</c>.</summary>
    public Type Data { get; } = data;
}

/// <summary>
/// A message that the caller's devices get after this request, over another connection, for OpenAPI: which has no word for it, so it
/// stands in the operation's extension <c>x-messages</c>.
/// </summary>
/// <param name="name">What the client knows it by.</param>
/// <param name="data">The type of its JSON.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class LaterMessageAttribute(string name, Type data) : Attribute
{
    /// <summary>What the client knows it by.</summary>
    public string Name { get; } = name;

    /// <summary>The type of its JSON.</summary>
    public Type Data { get; } = data;
}

/// <summary>
/// The problems that a function responds with, for OpenAPI, apart from those that follow from its other attributes: 400 where it
/// reads anything, 401 unless it is anonymous, 429 and 503 unless it is anonymous and not limited, 404 where an id is in its
/// route, 412 with <c>If-Match</c>, 413 and 415 with a body, 413 and 422 with <c>Idempotency-Key</c>, 400 and
/// 403 with <c>X-TodoFlow-Session</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProblemsAttribute(params int[] statuses) : Attribute
{
    /// <summary>The HTTP statuses.</summary>
    public IReadOnlyList<int> Statuses { get; } = statuses;
}

/// <summary>The request headers that a function applies, for OpenAPI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequestHeadersAttribute(params string[] headers) : Attribute
{
    /// <summary>The headers' names.</summary>
    public IReadOnlyList<string> Headers { get; } = headers;
}

/// <summary>What a token must be allowed to do for a function to run.</summary>
/// <param name="scope">The scope.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresScopeAttribute(AccessScopes scope) : Attribute
{
    /// <summary>The scope.</summary>
    public AccessScopes Scope { get; } = scope;
}

/// <summary>
/// A function's token is the parameter <c>token</c> of its address, for programs that can send no header. Whatever keeps addresses keeps the
/// token with them, so such a function needs a scope that no other token has.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TokenInQueryAttribute : Attribute;

/// <summary>A body that is a file, for OpenAPI.</summary>
/// <param name="mediaTypes">What it may be.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FileBodyAttribute(params string[] mediaTypes) : Attribute
{
    /// <summary>What it may be.</summary>
    public IReadOnlyList<string> MediaTypes { get; } = mediaTypes;
}
