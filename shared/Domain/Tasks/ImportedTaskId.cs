using System.Security.Cryptography;
using System.Text;

namespace TodoFlow.Domain.Tasks;

/// <summary>The id of a task that is imported: the same whenever the same user imports the same item again.</summary>
public static class ImportedTaskId
{
    /// <summary>
    /// Derives a UUID of version 8 (RFC 9562 section 5.8): the first 128 bits of SHA-256 over a name, the user, the format
    /// and the item's key, parted by NUL, with version and variant set. Stored ids depend on it: it may never change. No client can have taken such an id,
    /// since it would have to know both the user and the item.
    /// </summary>
    /// <param name="user">Who imports it.</param>
    /// <param name="format">The format of the file: keys of one mean nothing in another.</param>
    /// <param name="key">What the file knows the item by.</param>
    public static Guid For(Guid user, string format, string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"todoflow-import\0{user:N}\0{format}\0{key}"), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
