using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TodoFlow.Domain.Recurrence;

/// <summary>
/// The ids of the tasks that a series makes: UUIDs of version 8 (RFC 9562 section 5.8), which clients may not choose. They are the same on
/// every retry and replay, and only who knows the database's key can derive them.
/// </summary>
public static class OccurrenceId
{
    /// <summary>How many ids an occurrence can have: the next one is for where another task has the one before.</summary>
    public const int Choices = 3;

    /// <summary>Whether only the service gives ids like this.</summary>
    public static bool IsReserved(Guid id) => id.Version == 8;

    /// <summary>
    /// Derives an id: the first 128 bits of HMAC-SHA256 over the series' 16 bytes in network order, the occurrence as a 32-bit big-endian
    /// number and the choice as a byte, with version and variant set. Stored ids depend on it: it may never change.
    /// </summary>
    /// <param name="key">The key of the database.</param>
    /// <param name="seriesId">The series.</param>
    /// <param name="occurrence">The number of the occurrence in its series, from 1.</param>
    /// <param name="choice">Which of its ids, from 0 to below <see cref="Choices"/>.</param>
    public static Guid For(ReadOnlySpan<byte> key, Guid seriesId, int occurrence, int choice = 0)
    {
        Span<byte> name = stackalloc byte[21];
        Write(name, seriesId, occurrence);
        name[20] = checked((byte)choice);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, name, hash);
        return ToGuid(hash);
    }

    /// <summary>Every id that an occurrence can have, in the order in which they are tried.</summary>
    /// <inheritdoc cref="For" path="/param"/>
    public static IEnumerable<Guid> ChoicesOf(byte[] key, Guid seriesId, int occurrence) =>
        Enumerable.Range(0, Choices).Select(choice => For(key, seriesId, occurrence, choice));

    /// <summary>The id that occurrences had before there was a key: SHA-256 over the series and the occurrence.</summary>
    /// <inheritdoc cref="For" path="/param"/>
    public static Guid Unkeyed(Guid seriesId, int occurrence)
    {
        Span<byte> name = stackalloc byte[20];
        Write(name, seriesId, occurrence);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(name, hash);
        return ToGuid(hash);
    }

    private static void Write(Span<byte> name, Guid seriesId, int occurrence)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(occurrence);
        seriesId.TryWriteBytes(name, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(name[16..], occurrence);
    }

    private static Guid ToGuid(Span<byte> hash)
    {
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
