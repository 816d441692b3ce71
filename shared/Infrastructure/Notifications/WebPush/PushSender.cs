using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Notifications;

namespace TodoFlow.Infrastructure.Notifications.WebPush;

/// <summary>What became of a message for one subscription.</summary>
internal enum PushOutcome
{
    /// <summary>The push service took it.</summary>
    Taken,

    /// <summary>The subscription has ended.</summary>
    Gone,

    /// <summary>It was not taken, but may be later.</summary>
    Retry,

    /// <summary>It will never be taken.</summary>
    Failed,
}

/// <summary>What became of a message for one subscription, and why.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Reason">Why it was not taken, in a stable word: never a text of the push service, whoever that is.</param>
/// <param name="RetryAfter">How long the push service asks to wait; null where it does not say.</param>
internal readonly record struct PushResult(PushOutcome Outcome, string Reason = "", TimeSpan? RetryAfter = null);

/// <summary>Hands messages to push services (RFC 8030).</summary>
internal sealed class PushSender : IDisposable
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromDays(1);

    private readonly WebPushSettings _settings;
    private readonly TimeProvider _clock;
    private readonly VapidTokens? _tokens;
    private readonly HttpClient _http;

    /// <summary>Sends as the settings say.</summary>
    public PushSender(IOptions<WebPushSettings> settings, TimeProvider clock)
        : this(settings, clock, (host, ct) => Dns.GetHostAddressesAsync(host, ct))
    {
    }

    /// <summary>Sends as the settings say, with a name resolution of its own.</summary>
    internal PushSender(IOptions<WebPushSettings> settings, TimeProvider clock, ResolveHost resolve)
    {
        (_settings, _clock) = (settings.Value, clock);
        _tokens = _settings.Keys is { } keys ? new VapidTokens(keys, _settings.Subject!, clock) : null;
        _http = new HttpClient(PushConnections.CreateHandler(_settings.AllowPrivateEndpoints, resolve))
        {
            Timeout = Timeout.InfiniteTimeSpan, // each request has its own
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
    }

    /// <summary>Hands one message over.</summary>
    /// <exception cref="InvalidOperationException">The channel is not configured.</exception>
    public async Task<PushResult> Send(PushSubscription subscription, ReadOnlyMemory<byte> message, string topic, CancellationToken ct)
    {
        if (subscription.ExpiresAt <= _clock.GetUtcNow())
        {
            return new(PushOutcome.Gone, "expired");
        }

        // What was accepted under other settings is not sent to any more.
        if (PushEndpoint.Error(subscription.Endpoint, _settings.AllowPrivateEndpoints) is not null)
        {
            return new(PushOutcome.Failed, "endpoint_refused");
        }

        using var request = Request(subscription, message, topic);
        using var timeout = new CancellationTokenSource(_settings.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return Read(response);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new(PushOutcome.Retry, "timed_out");
        }
        catch (HttpRequestException error) when (error.InnerException is PrivateEndpointException)
        {
            return new(PushOutcome.Failed, "private_address");
        }
        catch (HttpRequestException)
        {
            return new(PushOutcome.Retry, "unreachable");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _tokens?.Dispose();
    }

    private HttpRequestMessage Request(PushSubscription subscription, ReadOnlyMemory<byte> message, string topic)
    {
        var endpoint = new Uri(subscription.Endpoint);
        var tokens = _tokens ?? throw new InvalidOperationException("Web Push is not configured.");
        var body = new ByteArrayContent(PushEncryption.Encrypt(message.Span, subscription.P256dh, subscription.Auth));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        body.Headers.ContentEncoding.Add("aes128gcm");
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("vapid", tokens.For(endpoint));
        request.Headers.Add("TTL", ((long)_settings.TimeToLive.TotalSeconds).ToString());
        request.Headers.Add("Urgency", "high"); // a reminder is worth the battery of a phone that dozes (RFC 8030 section 5.3)
        request.Headers.Add("Topic", topic);
        return request;
    }

    // The body is not read: nobody needs it, and it could be of any length.
    private PushResult Read(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var reason = $"push_{status}";
        return status switch
        {
            >= 200 and < 300 => new(PushOutcome.Taken),
            404 or 410 => new(PushOutcome.Gone, reason),
            408 or 429 or >= 500 => new(PushOutcome.Retry, reason, RetryAfter(response.Headers.RetryAfter)),
            _ => new(PushOutcome.Failed, reason), // redirects, too: they are not followed
        };
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header) =>
        (header?.Delta ?? header?.Date - _clock.GetUtcNow()) is { } wait && wait > TimeSpan.Zero
            ? wait < LongestRetryAfter ? wait : LongestRetryAfter
            : null;
}
