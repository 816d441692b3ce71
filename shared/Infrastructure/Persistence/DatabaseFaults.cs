using System.Net.Sockets;
using Npgsql;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>Whose fault a failure at the database is.</summary>
public enum DatabaseFault
{
    /// <summary>The database had no part in it.</summary>
    None,

    /// <summary>It cannot be reached, is overloaded, misconfigured or not migrated: the same work may succeed later.</summary>
    OfTheDatabase,

    /// <summary>It refused the data: the same work fails again.</summary>
    OfTheData,
}

/// <summary>Tells failures at the database apart.</summary>
public static class DatabaseFaults
{
    /// <summary>Looks for the database's part in a failure.</summary>
    public static DatabaseFault Of(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            switch (error)
            {
                case PostgresException { SqlState: ['2', '2', ..] or ['2', '3', ..] }: // data exceptions, violated constraints
                    return DatabaseFault.OfTheData;
                case NpgsqlException or SocketException or IOException or TimeoutException:
                    return DatabaseFault.OfTheDatabase;
            }
        }

        return DatabaseFault.None;
    }
}
