namespace TodoFlow.Messaging.Outbox;

/// <summary>What a transaction sets that holds an advisory lock while something else is done.</summary>
public static class HeldLock
{
    /// <summary>
    /// Expressions that let the transaction be idle for as long as it takes, and the server notice within half a minute where the holder's
    /// machine dies or the network is cut: the lock goes with the connection.
    /// </summary>
    public const string Settings =
        """
        set_config('idle_in_transaction_session_timeout', '0', true), set_config('tcp_keepalives_idle', '10', true),
        set_config('tcp_keepalives_interval', '5', true), set_config('tcp_keepalives_count', '4', true)
        """;
}
