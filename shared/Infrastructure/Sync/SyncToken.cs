using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace TodoFlow.Infrastructure.Sync;

/// <summary>What a device can keep a copy of.</summary>
[Flags]
public enum SyncResources
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Tasks that are not in the trash.</summary>
    Tasks = 1,

    /// <summary>Reminders, also those that ended.</summary>
    Reminders = 2,

    /// <summary>Notifications of the list.</summary>
    Notifications = 4,

    /// <summary>The preferences.</summary>
    Preferences = 8,

    /// <summary>All of them.</summary>
    All = Tasks | Reminders | Notifications | Preferences,
}

/// <summary>Where a device is: a pull goes on behind it. Opaque to clients, signed, and bound to the user and the epoch.</summary>
/// <param name="Resources">What the device keeps a copy of.</param>
/// <param name="IsFull">Whether the pull under way began without a token.</param>
/// <param name="BeganAt">When the pull under way, or the last one, began, UTC, in whole seconds.</param>
/// <param name="Xid">
/// Every transaction before this one had ended when that pull began, and the device has what it wrote: the next pull begins with this one.
/// </param>
/// <param name="After">The last row of the page before; null where the pull is complete.</param>
public sealed record SyncToken(SyncResources Resources, bool IsFull, DateTimeOffset BeganAt, ulong Xid, SyncPosition? After)
{
    private const byte Version = 1;
    private const int PositionAt = 19;
    private const int Length = PositionAt + 25;
    private const int MacLength = 16;

    /// <summary>Writes it, base64url.</summary>
    public string Write(Guid user, SyncEpoch epoch)
    {
        Span<byte> bytes = stackalloc byte[Length + MacLength];
        bytes.Clear();
        bytes[0] = Version;
        bytes[1] = (byte)((int)Resources | (IsFull ? 0x80 : 0));
        bytes[2] = After is null ? (byte)0 : (byte)1;
        BinaryPrimitives.WriteInt64BigEndian(bytes[3..], BeganAt.ToUnixTimeSeconds());
        BinaryPrimitives.WriteUInt64BigEndian(bytes[11..], Xid);
        if (After is { } after)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes[PositionAt..], after.Xid);
            bytes[PositionAt + 8] = after.Kind;
            after.Id.TryWriteBytes(bytes[(PositionAt + 9)..], bigEndian: true, out _);
        }

        Sign(bytes[..Length], user, epoch, bytes[Length..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads what <see cref="Write"/> wrote; null where it is another user's, of another epoch, or none of ours.</summary>
    public static SyncToken? Read(string text, Guid user, SyncEpoch epoch)
    {
        Span<byte> bytes = stackalloc byte[Length + MacLength];
        Span<byte> mac = stackalloc byte[MacLength];
        if (text.Length != Base64Url.GetEncodedLength(bytes.Length) || !Base64Url.TryDecodeFromChars(text, bytes, out var read) || read != bytes.Length)
        {
            return null;
        }

        Sign(bytes[..Length], user, epoch, mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, bytes[Length..]) || bytes[0] != Version)
        {
            return null;
        }

        return new(
            (SyncResources)(bytes[1] & 0x7F),
            (bytes[1] & 0x80) != 0,
            DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(bytes[3..])),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[11..]),
            bytes[2] == 0 ? null : new(
                BinaryPrimitives.ReadUInt64BigEndian(bytes[PositionAt..]), bytes[PositionAt + 8], new Guid(bytes[(PositionAt + 9)..Length], bigEndian: true)));
    }

    private static void Sign(ReadOnlySpan<byte> content, Guid user, SyncEpoch epoch, Span<byte> mac)
    {
        Span<byte> signed = stackalloc byte[Length + 16];
        content.CopyTo(signed);
        user.TryWriteBytes(signed[Length..], bigEndian: true, out _);
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(epoch.Secret, signed, whole);
        whole[..MacLength].CopyTo(mac);
    }
}

/// <summary>A row in the order in which changes are read.</summary>
/// <param name="Xid">The transaction that wrote it last.</param>
/// <param name="Kind">What it is: one of <see cref="ChangedRows"/>.</param>
/// <param name="Id">Its id.</param>
public sealed record SyncPosition(ulong Xid, byte Kind, Guid Id);
