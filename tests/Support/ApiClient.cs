using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit.Sdk;

namespace TodoFlow.Tests.Support;

/// <summary>A client of the HTTP API, as a program of somebody else's would be: JSON in, JSON out, no types of the server's.</summary>
public sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>A client of a server, with a user's access token or none.</summary>
    public ApiClient(Uri address, string? token)
    {
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = address };
        Token = token;
    }

    /// <summary>The access token that is sent.</summary>
    public string? Token { get; set; }

    /// <summary>The server's address.</summary>
    public Uri Address => _http.BaseAddress!;

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>GET.</summary>
    public Task<ApiAnswer> Get(string path, params (string Name, string Value)[] headers) => Send(HttpMethod.Get, path, null, headers);

    /// <summary>POST with a JSON body.</summary>
    public Task<ApiAnswer> Post(string path, object? body = null, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Post, path, Json(body), headers);

    /// <summary>PUT with a JSON body.</summary>
    public Task<ApiAnswer> Put(string path, object? body, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Put, path, Json(body), headers);

    /// <summary>DELETE.</summary>
    public Task<ApiAnswer> Delete(string path, object? body = null, params (string Name, string Value)[] headers) =>
        Send(HttpMethod.Delete, path, Json(body), headers);

    /// <summary>Any request.</summary>
    public async Task<ApiAnswer> Send(HttpMethod method, string path, HttpContent? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (Token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (request.Headers.Authorization?.Parameter is { } token)
        {
            LogAudit.RememberSecret(token);
        }

        if (body is StringContent)
        {
            LogAudit.Remember(await body.ReadAsStringAsync());
        }

        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        LogAudit.RememberTokens(text);
        if (response.Headers.TryGetValues("Set-Cookie", out var cookies))
        {
            LogAudit.RememberSecret(cookies.First().Split('=', ';')[1]);
        }

        return new ApiAnswer(
            $"{method} {path}",
            (int)response.StatusCode,
            response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase),
            text);
    }

    private static StringContent? Json(object? body) => body switch
    {
        null => null,
        string text => new StringContent(text, Encoding.UTF8, "application/json"),
        _ => new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"),
    };
}

/// <summary>What a server answered.</summary>
public sealed record ApiAnswer(string Request, int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    private JsonNode? _json;

    /// <summary>The body as JSON.</summary>
    public JsonNode Json => _json ??= JsonNode.Parse(Body) ?? throw new XunitException($"{Request} answered null.");

    /// <summary>A field of the body by its path: <c>errors[0].field</c> is <c>["errors", 0, "field"]</c>.</summary>
    public JsonNode? this[string field] => Json[field];

    /// <summary>A header; null where it is missing.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>A text field of the body.</summary>
    public string Text(string field) => Json[field]?.GetValue<string>() ?? throw new XunitException($"{Request} answered no {field}: {Body}");

    /// <summary>The task's id.</summary>
    public Guid Id => Guid.Parse(Text("id"));

    /// <summary>The fields that a problem names.</summary>
    public IReadOnlyList<string> BadFields => [.. (Json["errors"]?.AsArray() ?? []).Select(error => error!["field"]!.GetValue<string>())];

    /// <summary>Fails unless the status is the one that was expected.</summary>
    public ApiAnswer Is(int status) => Status == status ? this : throw new XunitException($"{Request} answered {Status}, not {status}: {Body}");

    /// <summary>Fails unless it is a problem with this status and code.</summary>
    public ApiAnswer IsProblem(int status, string code)
    {
        Is(status);
        return Header("Content-Type") == "application/problem+json" && Text("code") == code && Json["status"]!.GetValue<int>() == status
            ? this
            : throw new XunitException($"{Request} answered no problem {code}: {Body}");
    }
}
