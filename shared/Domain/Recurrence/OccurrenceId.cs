using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TodoFlow.Domain.Recurrence;

/// <summary>The id of a task that a series makes, the same on every retry, replay and device.</summary>
public static class OccurrenceId
{
    /// <summary>
    /// Derives a UUID of version 8 (RFC 9562 section 5.8): the first 128 bits of SHA-256 over the series' 16 bytes in network order
    /// and the occurrence as a 32-bit big-endian number, with version and variant set. Stored ids depend on it: it may never change.
    /// </summary>
    /// <param name="seriesId">The series.</param>
    /// <param name="occurrence">The number of the occurrence in its series, from 1.</param>
    public static Guid For(Guid seriesId, int occurrence)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(occurrence);
        Span<byte> name = stackalloc byte[20];
        seriesId.TryWriteBytes(name, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(name[16..], occurrence);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(name, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
