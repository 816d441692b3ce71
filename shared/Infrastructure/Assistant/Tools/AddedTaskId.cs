using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TodoFlow.Infrastructure.Assistant.Tools;

/// <summary>The id of a task that an assistant adds without naming one: the same whenever the same call comes again.</summary>
public static class AddedTaskId
{
    /// <summary>
    /// Derives a UUID of version 8 (RFC 9562 section 5.8), which clients may not choose: the first 128 bits of HMAC-SHA256 over a name and
    /// what is named below, parted by NUL, with version and variant set. Stored ids depend on it: it may never change.
    /// </summary>
    /// <param name="key">The key of the database.</param>
    /// <param name="user">Who adds it.</param>
    /// <param name="call">What tells this call from one that adds the same again: the client's id of it, or the user's date.</param>
    /// <param name="content">The task as it was sent (<see cref="ContentOf"/>).</param>
    /// <param name="repeat">How many of the same content come before it in the call.</param>
    public static Guid For(byte[] key, Guid user, string call, string content, int repeat)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(
            key, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"todoflow-assistant\0{user:N}\0{call}\0{repeat}\0{content}")), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <summary>What a task's fields say, however they are ordered and spaced.</summary>
    public static string ContentOf(IEnumerable<KeyValuePair<string, JsonElement>> fields) => string.Join(
        '\n', fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}={JsonSerializer.Serialize(field.Value)}"));
}
