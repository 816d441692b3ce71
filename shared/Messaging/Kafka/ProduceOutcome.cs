namespace TodoFlow.Messaging.Kafka;

/// <summary>What became of a record that was sent to the brokers.</summary>
public enum ProduceOutcome
{
    /// <summary>All replicas in sync have it.</summary>
    Confirmed,

    /// <summary>It was not confirmed in time, or its producer was given up meanwhile; it may have arrived all the same. To be sent again at once.</summary>
    Unconfirmed,

    /// <summary>The brokers or the library refuse it, for now or for good. To be sent again later.</summary>
    Refused,
}
