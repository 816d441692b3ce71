using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit.Sdk;

namespace TodoFlow.Tests.Support;

/// <summary>
/// Reads every line that the hosts of the test run log, and fails the test class whose host logs what logs must not hold: a token, a
/// password, an e-mail address, a title or another text that a test sent as a user's.
/// </summary>
public sealed partial class LogAudit : ILoggerProvider
{
    // A shorter text, or one word in small letters, occurs by chance.
    private const int ShortestText = 8;

    // By their first characters, so that a line is searched for all of them at once: there are tens of thousands.
    private static readonly ConcurrentDictionary<string, ConcurrentDictionary<string, bool>> Sent = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, ConcurrentDictionary<string, bool>>.AlternateLookup<ReadOnlySpan<char>> SentByBeginning =
        Sent.GetAlternateLookup<ReadOnlySpan<char>>();

    // What users write, by the names that the API has for it.
    private static readonly HashSet<string> Personal =
        ["title", "description", "email", "password", "refresh_token", "query", "p256dh", "auth", "endpoint", "code"];

    // What the API answers that opens an account. A title there may be that of a problem.
    private static readonly HashSet<string> Tokens = ["access_token", "refresh_token", "accessToken"];

    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>Remembers what is personal or secret in a JSON text that was sent.</summary>
    public static void Remember(string json) => Remember(json, Personal);

    /// <summary>Remembers the tokens in a JSON text that was answered.</summary>
    public static void RememberTokens(string json) => Remember(json, Tokens);

    private static void Remember(string json, HashSet<string> names)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            Remember(document.RootElement, names, isFound: false);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException) // not JSON, or text that is not Unicode
        {
            // Some tests send anything.
        }
    }

    /// <summary>Remembers a secret.</summary>
    public static void RememberSecret(string secret)
    {
        if (secret.Length >= ShortestText && !secret.All(char.IsAsciiLetterLower))
        {
            Sent.GetOrAdd(secret[..ShortestText], static _ => new(StringComparer.Ordinal)).TryAdd(secret, true);
        }
    }

    /// <summary>Takes a line that a host wrote.</summary>
    public void Add(string line) => _lines.Enqueue(line);

    /// <summary>Fails unless every line so far is clean.</summary>
    public void Check()
    {
        foreach (var line in _lines)
        {
            if (TokenOrAddress().Match(line) is { Success: true } found)
            {
                throw new XunitException($"A host logged '{found.Value}', which looks like a token or an e-mail address:\n{line}");
            }

            if (FindSent(line) is { } secret)
            {
                throw new XunitException($"A host logged '{secret}', which a test sent as a user's own:\n{line}");
            }
        }
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(this);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The lines are checked when the host has stopped.
    }

    private static string? FindSent(string line)
    {
        for (var start = 0; start <= line.Length - ShortestText; start++)
        {
            if (SentByBeginning.TryGetValue(line.AsSpan(start, ShortestText), out var secrets)
                && secrets.Keys.FirstOrDefault(secret => line.AsSpan(start).StartsWith(secret, StringComparison.Ordinal)) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static void Remember(JsonElement json, HashSet<string> names, bool isFound)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in json.EnumerateObject())
                {
                    Remember(property.Value, names, names.Contains(property.Name));
                }

                break;
            case JsonValueKind.Array:
                foreach (var element in json.EnumerateArray())
                {
                    Remember(element, names, isFound);
                }

                break;
            case JsonValueKind.String when isFound:
                RememberSecret(json.GetString()!);
                break;
        }
    }

    // A JWT, or an e-mail address, whoever's.
    [GeneratedRegex(@"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}")]
    private static partial Regex TokenOrAddress();

    private sealed class Logger(LogAudit audit) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = state is IEnumerable<KeyValuePair<string, object?>> named ? string.Join(' ', named.Select(value => $"{value.Key}={value.Value}")) : "";
            audit.Add($"{formatter(state, exception)} {values} {exception}");
        }
    }
}
