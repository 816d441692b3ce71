using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace TodoFlow.Infrastructure.Assistant.Models;

/// <summary>
/// Asks any endpoint that speaks OpenAI's Chat Completions API, always for a stream. Microsoft.Extensions.AI.OpenAI 10.11 would do so, too,
/// but loses what it does not know of a tool call; <see cref="ToolCalls"/> keeps it. A request is sent once: who asked decides about another.
/// </summary>
public sealed class ChatCompletionsClient : IChatClient
{
    // A token is hardly ever longer than eight characters: whoever does not heed the limit of the request is cut off.
    private const int CharactersPerToken = 8;

    private readonly HttpClient _http;
    private readonly ChatSettings _settings;
    private readonly TimeProvider _clock;
    private readonly ChatClientMetadata _metadata;

    /// <summary>Makes a client of the endpoint in the settings.</summary>
    public ChatCompletionsClient(IOptions<ChatSettings> settings, TimeProvider clock)
    {
        (_settings, _clock) = (settings.Value, clock);
        var endpoint = _settings.Endpoint ?? throw new InvalidOperationException("No endpoint is set.");
        var address = new Uri(endpoint.EndsWith('/') ? endpoint : endpoint + "/");
        _metadata = new("openai", address, _settings.Model);
        _http = new(new SocketsHttpHandler
        {
            ActivityHeadersPropagator = null, // no trace leaves with a request
            AllowAutoRedirect = false, // the key is for this address
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            BaseAddress = address,
            Timeout = Timeout.InfiniteTimeSpan, // ours goes to the end of the stream
        };
        if (_settings.ApiKey is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new("Bearer", _settings.ApiKey);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ModelFailureException">The endpoint did not serve.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var timeout = new CancellationTokenSource(_settings.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, "chat/completions")
        {
            Content = new ByteArrayContent(CompletionRequest.Write(_settings.Model!, messages, options)) { Headers = { ContentType = new("application/json") } },
            Headers = { Accept = { new("text/event-stream") } },
        };
        using var response = await Guard(() => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token), cancellationToken);
        Require(response);
        await using var body = await Guard(() => response.Content.ReadAsStreamAsync(either.Token), cancellationToken);

        var (stream, left) = (new CompletionStream(), (long)(options?.MaxOutputTokens ?? 100_000) * CharactersPerToken);
        await using var chunks = Chunks(response, body, either.Token).GetAsyncEnumerator(either.Token);
        while (left > 0 && await Guard(() => chunks.MoveNextAsync().AsTask(), cancellationToken))
        {
            if (chunks.Current == "[DONE]")
            {
                break;
            }

            if (stream.Add(chunks.Current) is { Length: > 0 } text)
            {
                text = text.Length > left ? text[..(int)left] : text;
                left -= text.Length;
                yield return new ChatResponseUpdate(ChatRole.Assistant, text);
            }
        }

        yield return stream.HasEnded || left <= 0 ? stream.End() : throw ModelFailureException.Broken(null);
    }

    private static async IAsyncEnumerable<string> Chunks(HttpResponseMessage response, Stream body, [EnumeratorCancellation] CancellationToken ct)
    {
        if (response.Content.Headers.ContentType?.MediaType == "application/json") // from a provider that does not stream
        {
            using var reader = new StreamReader(body);
            yield return await reader.ReadToEndAsync(ct);
            yield break;
        }

        await foreach (var item in SseParser.Create(body).EnumerateAsync(ct))
        {
            yield return item.Data;
        }
    }

    private void Require(HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw response.StatusCode switch
            {
                HttpStatusCode.TooManyRequests => ModelFailureException.Busy(Wait(response.Headers.RetryAfter)),
                >= HttpStatusCode.InternalServerError => ModelFailureException.Unavailable(new HttpRequestException($"It responded with {(int)response.StatusCode}.")),
                var status => ModelFailureException.Refused((int)status),
            };
        }
    }

    private TimeSpan? Wait(RetryConditionHeaderValue? header) =>
        header?.Delta ?? (header?.Date is { } date && date - _clock.GetUtcNow() is { Ticks: > 0 } wait ? wait : null);

    // The client's own end passes as it is.
    private static async Task<T> Guard<T>(Func<Task<T>> act, CancellationToken client)
    {
        try
        {
            return await act();
        }
        catch (OperationCanceledException error) when (!client.IsCancellationRequested)
        {
            throw ModelFailureException.TimedOut(error);
        }
        catch (HttpRequestException error) when (!client.IsCancellationRequested)
        {
            throw error.HttpRequestError == HttpRequestError.ResponseEnded ? ModelFailureException.Broken(error) : ModelFailureException.Unavailable(error);
        }
        catch (IOException error) when (!client.IsCancellationRequested)
        {
            throw ModelFailureException.Broken(error);
        }
    }
}
