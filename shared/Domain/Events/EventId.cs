namespace TodoFlow.Domain.Events;

/// <summary>Ids of events.</summary>
public static class EventId
{
    private const int Counted = 1 << 12;

    /// <summary>
    /// A UUIDv7 whose 12 bits below the millisecond count (RFC 9562 section 6.2, method 1), so that the ids of one unit of work are
    /// in the order in which it raised its events.
    /// </summary>
    /// <param name="time">When it happened.</param>
    /// <param name="ordinal">How many events the unit of work raised before.</param>
    public static Guid New(DateTimeOffset time, int ordinal)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(time).TryWriteBytes(bytes, bigEndian: true, out _);
        var count = Math.Min(ordinal, Counted - 1);
        bytes[6] = (byte)(0x70 | (count >> 8));
        bytes[7] = (byte)count;
        return new Guid(bytes, bigEndian: true);
    }
}
