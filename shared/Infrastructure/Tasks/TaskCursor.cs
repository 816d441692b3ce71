using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Tasks;

/// <summary>Where the next page of a list begins: behind the last task of this one. Rows inserted in between do not shift it.</summary>
/// <param name="Sort">The sort that it belongs to.</param>
/// <param name="Order">The direction that it belongs to.</param>
/// <param name="Key">The last task's sort key: ticks of an instant (UTC), a priority's number or a title; null behind tasks without due date.</param>
/// <param name="Id">The last task.</param>
public sealed record TaskCursor(TaskSort Sort, SortOrder Order, string? Key, Guid Id)
{
    private const int IdStart = 2;
    private const int KeyStart = IdStart + 32;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TaskCursor? cursor)
    {
        cursor = null;
        try
        {
            var read = Strict.GetString(Base64Url.DecodeFromChars(text));
            if (read.Length >= KeyStart
                && Enum.TryParse(read[..1], out TaskSort sort) && Enum.IsDefined(sort)
                && Enum.TryParse(read[1..IdStart], out SortOrder order) && Enum.IsDefined(order)
                && Guid.TryParseExact(read[IdStart..KeyStart], "N", out var last)
                && (read.Length == KeyStart ? null : read[KeyStart..]) is var key && IsKey(sort, key))
            {
                cursor = new TaskCursor(sort, order, key, last);
            }
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            // Not one of ours.
        }

        return cursor is not null;
    }

    /// <summary>
    /// The opaque form that clients send back, base64url: a digit for the sort, one for the direction, the id, and the key as it is,
    /// so that the longest title still fits into a request line.
    /// </summary>
    public override string ToString() => Base64Url.EncodeToString(Strict.GetBytes($"{Sort:D}{Order:D}{Id:N}{Key}"));

    private static bool IsKey(TaskSort sort, string? key) => sort switch
    {
        TaskSort.Title => key is not null && !key.Contains('\0'),
        TaskSort.Priority => short.TryParse(key, out _),
        TaskSort.DueDate when key is null => true,
        _ => long.TryParse(key, out var ticks) && ticks >= DateTime.MinValue.Ticks && ticks <= DateTime.MaxValue.Ticks,
    };
}
