using System.Net.Sockets;
using Npgsql;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>Whose fault a failure at the database is.</summary>
public enum DatabaseFault
{
    /// <summary>The database had no part in it.</summary>
    None,

    /// <summary>The database cannot do its part now: the same work succeeds later, without a change to the code or the data.</summary>
    Outage,

    /// <summary>The statement or its data is wrong: the same work fails again, however long one waits.</summary>
    Defect,
}

/// <summary>Tells outages of the database from defects of the code. <c>docs/events.md</c> has the table of all classes of SQLSTATE.</summary>
public sealed class DatabaseFaults(SchemaState schema, DiskSpace disk)
{
    /// <summary>Finds the database's part in a failure.</summary>
    /// <param name="error">What failed; its inner exceptions count.</param>
    /// <param name="ct">Ends the question whether the schema is this version's.</param>
    public async Task<DatabaseFault> Of(Exception? error, CancellationToken ct)
    {
        for (; error is not null; error = error.InnerException)
        {
            switch (error)
            {
                case TimeZoneNotFoundException: // its inner one is of a file
                    return DatabaseFault.None;
                case PostgresException refused:
                    disk.Note(refused);
                    return await IsOutage(refused, ct) ? DatabaseFault.Outage : DatabaseFault.Defect;
                case NpgsqlOperationInProgressException: // two commands at once on one connection
                    return DatabaseFault.Defect;
                case NpgsqlException or SocketException or IOException or TimeoutException:
                    return DatabaseFault.Outage;
            }
        }

        return DatabaseFault.None;
    }

    private async Task<bool> IsOutage(PostgresException error, CancellationToken ct)
    {
        if (error.InvariantSeverity is "FATAL" or "PANIC") // the session is over: a failover, a wrong password, a pooler without servers
        {
            return true;
        }

        switch (error.SqlState)
        {
            case ['0', '8', ..]                                      // the connection
                or ['2', '8', ..]                                    // the role or its password
                or ['3', 'D', ..]                                    // no such database
                or ['4', '0', ..]                                    // serialization failure, deadlock
                or ['5', '3', ..]                                    // disk, memory or connections are used up
                or ['5', '5', ..]                                    // a lock, or an object in use
                or ['5', '7', ..]                                    // an operator ended it, a shutdown, a time limit
                or ['5', '8', ..]                                    // the operating system
                or ['7', '2', ..]                                    // the snapshot is too old
                or ['F', '0', ..]                                    // the server's configuration
                or PostgresErrorCodes.InsufficientPrivilege
                or PostgresErrorCodes.ReadOnlySqlTransaction         // a standby during a failover, or a full disk at some providers
                or IdleInTransactionTimeout
                or TransactionTimeout
                or PostgresErrorCodes.InvalidSqlStatementName        // a pooler gave the transaction a server that has not prepared it
                or PostgresErrorCodes.DuplicatePreparedStatement:
                return true;
            case PostgresErrorCodes.FeatureNotSupported:             // a migration changed a table under a prepared statement
                return error.Routine == "RevalidateCachedQuery";
            case PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.UndefinedFunction
                or PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.InvalidSchemaName:
                return !await IsSchemaOfThisVersion(ct);
            default:
                return false;
        }
    }

    private const string IdleInTransactionTimeout = "25P03";
    private const string TransactionTimeout = "25P04";

    // What is missing comes with a migration that has not run yet, or went with one of another version: deployments end that.
    private async Task<bool> IsSchemaOfThisVersion(CancellationToken ct)
    {
        try
        {
            return await schema.IsOfThisVersion(ct);
        }
        catch (NpgsqlException)
        {
            return false; // it cannot be asked
        }
    }
}
