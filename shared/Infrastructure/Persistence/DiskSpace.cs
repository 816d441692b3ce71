using Npgsql;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>
/// Whether the database's disk is full, as far as this process was told: PostgreSQL refuses what needs more of it with SQLSTATE 53100
/// (disk_full), and goes on answering what does not. How much is left is known to the server's machine only.
/// </summary>
public sealed class DiskSpace(TimeProvider clock)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    private long _refusedAt; // 0: never

    /// <summary>Whether something was refused within the last minute.</summary>
    public bool IsUsedUp =>
        Interlocked.Read(ref _refusedAt) is var at and not 0 && clock.GetUtcNow() - new DateTimeOffset(at, TimeSpan.Zero) < Remembered;

    /// <summary>Notes what the database refused.</summary>
    internal void Note(PostgresException refused)
    {
        if (refused.SqlState == PostgresErrorCodes.DiskFull)
        {
            Interlocked.Exchange(ref _refusedAt, clock.GetUtcNow().Ticks);
        }
    }
}
