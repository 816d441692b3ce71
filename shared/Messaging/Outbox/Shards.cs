using System.Security.Cryptography;
using System.Text;

namespace TodoFlow.Messaging.Outbox;

/// <summary>Spreads keys over shards: order holds within a shard, and one relay or consumer works on each at a time.</summary>
public static class Shards
{
    /// <summary>How many shards there are. Changing it reorders what is still in the outbox.</summary>
    public const short Count = 8;

    /// <summary>The shard of a task's events.</summary>
    public static short Of(Guid taskId)
    {
        Span<byte> bytes = stackalloc byte[16];
        taskId.TryWriteBytes(bytes, bigEndian: true, out _);
        return (short)(bytes[15] % Count); // a UUID's last bytes are random in versions 4, 5, 7 and 8
    }

    /// <summary>The shard of another key.</summary>
    public static short Of(string key) =>
        Guid.TryParseExact(key, "D", out var taskId) ? Of(taskId) : (short)(SHA256.HashData(Encoding.UTF8.GetBytes(key))[31] % Count);
}
