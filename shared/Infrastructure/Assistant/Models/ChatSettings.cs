using System.Diagnostics.CodeAnalysis;
using System.Net;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Assistant.Models;

/// <summary>Which language model the chat asks, and how much of it a user gets. Without an endpoint the chat works by rules.</summary>
public sealed class ChatSettings : ISettings
{
    /// <inheritdoc/>
    public static string Section => "Chat";

    /// <summary>The base address of an OpenAI-compatible API, below which <c>chat/completions</c> lies; none for the mode <c>rules</c>.</summary>
    public string? Endpoint { get; set; }

    /// <summary>The model's name there.</summary>
    public string? Model { get; set; }

    /// <summary>The key that is sent as a bearer token; none where the endpoint asks for none.</summary>
    public string? ApiKey { get; set; }

    /// <summary>How long one response of the model may take, to its end.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Messages of one user in a minute.</summary>
    public int MessagesPerMinute { get; set; } = 20;

    /// <summary>Tokens of one user on a day (UTC), in and out.</summary>
    public long TokensPerDay { get; set; } = 200_000;

    /// <summary>How long a conversation is kept after its last use.</summary>
    public TimeSpan Keep { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Whether a language model is asked.</summary>
    [MemberNotNullWhen(true, nameof(Endpoint))]
    public bool HasModel => Endpoint is not null;

    /// <inheritdoc/>
    public IEnumerable<string> Check()
    {
        if (HasModel && (!Uri.TryCreate(Endpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")))
        {
            yield return "Chat:Endpoint must be an http or https address such as https://api.openai.com/v1/.";
        }
        else if (HasModel && ApiKey is not null && new Uri(Endpoint) is { Scheme: "http" } plain && !IsLoopback(plain))
        {
            yield return "Chat:Endpoint must be an https address: Chat:ApiKey would travel in plain text.";
        }

        if (HasModel && Model is null)
        {
            yield return "Chat:Model is needed with Chat:Endpoint.";
        }

        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromMinutes(2))
        {
            yield return "Chat:Timeout must be between 00:00:01 and 00:02:00.";
        }

        if (MessagesPerMinute is < 1 or > 10_000)
        {
            yield return "Chat:MessagesPerMinute must be between 1 and 10000.";
        }

        if (TokensPerDay is < 1 or > 1_000_000_000)
        {
            yield return "Chat:TokensPerDay must be between 1 and 1000000000.";
        }

        if (Keep < TimeSpan.FromHours(1) || Keep > TimeSpan.FromDays(365))
        {
            yield return "Chat:Keep must be between 01:00:00 and 365.00:00:00.";
        }
    }

    private static bool IsLoopback(Uri address) => address.IsLoopback || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));
}
