using Npgsql;
using Xunit;

namespace TodoFlow.Tests.Support;

/// <summary>A SQLSTATE of every class that PostgreSQL has for errors, by whose fault it is (docs/events.md).</summary>
public static class SqlStates
{
    /// <summary>The database cannot do its part now.</summary>
    public static TheoryData<string> OfOutages => new(
        "08006", // connection failure
        "08P01", // protocol violation: what poolers say of their servers
        "25006", // read-only: a standby during a failover
        "25P03", // idle in transaction for too long
        "25P04", // a transaction for too long
        "26000", // no such prepared statement: a pooler between
        "28P01", // wrong password
        "3D000", // no such database
        "40001", // serialization failure
        "40P01", // deadlock
        "42501", // a right is missing
        "42P05", // the statement is prepared already: a pooler between
        "53100", // disk full
        "53300", // too many connections
        "55006", // in use
        "55P03", // locked
        "57014", // statement timeout
        "57P01", // shutdown
        "58030", // input and output
        "72000", // snapshot too old
        "F0001"); // the server's configuration

    /// <summary>The statement or its data is wrong.</summary>
    public static TheoryData<string> OfDefects => new(
        "09000", // triggered action
        "0A000", // not supported
        "0B000", // invalid transaction initiation
        "0F001", // locator
        "0L000", // grantor
        "0P000", // role
        "0Z002", // diagnostics
        "20000", // no case matches
        "21000", // more than one row
        "22012", // division by zero
        "22P05", // a character that cannot be translated
        "23502", // not null
        "23514", // check
        "24000", // cursor state
        "25001", // a transaction is open
        "25P02", // a statement after one that failed
        "27000", // triggered data change
        "2B000", // objects depend on it
        "2D000", // invalid transaction termination
        "2F005", // a function without return
        "34000", // cursor name
        "38000", // external routine
        "39000", // its invocation
        "3B001", // savepoint
        "3F000", // no such schema
        "42601", // syntax
        "42703", // no such column
        "42804", // type
        "42883", // no such function
        "42P01", // no such table
        "42704", // no such object
        "44000", // check option of a view
        "54001", // too complex
        "HV000", // foreign data
        "P0001", // raised by a function
        "P0002", // no data found
        "XX000", // internal error
        "XX002", // index corrupted
        "TF999"); // a class that PostgreSQL does not have

    /// <summary>What Npgsql throws for an error of the server.</summary>
    public static PostgresException Error(string state, string severity = "ERROR") => new("A message", severity, severity, state);
}
