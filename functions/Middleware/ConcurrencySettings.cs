using TodoFlow.Settings;

namespace TodoFlow.Functions.Middleware;

/// <summary>How many requests are worked on at once. Each process counts for itself.</summary>
public sealed class ConcurrencySettings : ISettings
{
    /// <inheritdoc/>
    public static string Section => "Concurrency";

    /// <summary>
    /// Requests of all users together; never more than six sevenths of the connections that requests have (<c>Database:BackgroundConnections</c>
    /// are not among them), which is six tenths of all.
    /// </summary>
    public int Requests { get; set; } = 48;

    /// <summary>Requests of one user, while others are here. Each that takes long shares the cores with the other users.</summary>
    public int RequestsPerUser { get; set; } = 4;

    /// <summary>Searches of one user, while others are here: they cost more than other requests.</summary>
    public int SearchesPerUser { get; set; } = 1;

    /// <summary>Requests of a user who is alone: nobody else sent a request to this process within the last ten seconds.</summary>
    public int RequestsAlone { get; set; } = 16;

    /// <summary>Searches of a user who is alone.</summary>
    public int SearchesAlone { get; set; } = 8;

    /// <summary>Messages to the assistant that are being answered, of all users together. They wait for a language model most of the time.</summary>
    public int Chats { get; set; } = 256;

    /// <summary>Requests of one user, or passwords from one address, that may wait for their turn; what is beyond is refused with 429.</summary>
    public int QueuedPerUser { get; set; } = 32;

    /// <summary>Requests of all users together that may wait for their turn; what is beyond is refused with 503.</summary>
    public int Queued { get; set; } = 512;

    /// <inheritdoc/>
    public IEnumerable<string> Check()
    {
        foreach (var (name, value, least) in new[]
        {
            (nameof(Requests), Requests, 1), (nameof(RequestsPerUser), RequestsPerUser, 1), (nameof(SearchesPerUser), SearchesPerUser, 1),
            (nameof(RequestsAlone), RequestsAlone, RequestsPerUser), (nameof(SearchesAlone), SearchesAlone, SearchesPerUser),
            (nameof(Chats), Chats, 1),
            (nameof(QueuedPerUser), QueuedPerUser, 0), (nameof(Queued), Queued, 0),
        })
        {
            if (value < least || value > 100_000)
            {
                yield return $"Concurrency:{name} must be between {least} and 100000.";
            }
        }
    }
}
