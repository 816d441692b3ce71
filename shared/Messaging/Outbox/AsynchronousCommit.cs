using Microsoft.Extensions.Options;

namespace TodoFlow.Messaging.Outbox;

/// <summary>
/// Lets a transaction's commit not wait for the disk (<c>synchronous_commit</c>, PostgreSQL's documentation, "Asynchronous Commit"): for
/// what is done again if the server crashes before it is written, a few hundred milliseconds later at most.
/// </summary>
/// <remarks>
/// The write-ahead log is written in order, so a crash loses only a tail of it. Where the events themselves travel in PostgreSQL, a
/// number of the log, what its event changed and the cursor behind it stand in it one after the other: what a crash loses of a change,
/// it loses of the cursor, and the event is delivered again. And whoever sends something outside waits for a commit of its own first,
/// which writes everything before it. With Kafka an event or an offset would be out that the database has forgotten.
/// </remarks>
public sealed class AsynchronousCommit(IOptions<EventsSettings> settings)
{
    /// <summary>An expression that makes the transaction's commit asynchronous: for what is done again in any case.</summary>
    public const string Expression = "set_config('synchronous_commit', 'off', true)";

    /// <summary>The value of <c>synchronous_commit</c> for what may be lost together with the events that followed from it.</summary>
    public string WithTheEvents => settings.Value.Transport == EventsSettings.Postgres ? "off" : "on";
}
