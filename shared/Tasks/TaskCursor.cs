using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace TodoFlow.Tasks;

/// <summary>Where the next page of a list begins: behind the last task of this one. Rows inserted in between do not shift it.</summary>
/// <param name="Sort">The sort that it belongs to.</param>
/// <param name="Order">The direction that it belongs to.</param>
/// <param name="Key">The last task's sort key: ticks of an instant (UTC), a priority's number or a title; null behind tasks without due date.</param>
/// <param name="Id">The last task.</param>
public sealed record TaskCursor(TaskSort Sort, SortOrder Order, string? Key, Guid Id)
{
    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TaskCursor? cursor)
    {
        cursor = null;
        try
        {
            var parts = JsonSerializer.Deserialize<string?[]>(Base64Url.DecodeFromChars(text));
            if (parts is [{ } sort, { } order, var key, { } id]
                && Enum.TryParse(sort, out TaskSort sortBy) && Enum.IsDefined(sortBy)
                && Enum.TryParse(order, out SortOrder direction) && Enum.IsDefined(direction)
                && Guid.TryParseExact(id, "N", out var last)
                && IsKey(sortBy, key))
            {
                cursor = new TaskCursor(sortBy, direction, key, last);
            }
        }
        catch (Exception error) when (error is FormatException or JsonException or InvalidOperationException)
        {
            // Not one of ours.
        }

        return cursor is not null;
    }

    /// <summary>The opaque form that clients send back: base64url.</summary>
    public override string ToString() => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes<string?[]>(
        [Sort.ToString("D"), Order.ToString("D"), Key, Id.ToString("N")]));

    private static bool IsKey(TaskSort sort, string? key) => sort switch
    {
        TaskSort.Title => key is not null && !key.Contains('\0'),
        TaskSort.Priority => short.TryParse(key, out _),
        TaskSort.DueDate when key is null => true,
        _ => long.TryParse(key, out var ticks) && ticks >= DateTime.MinValue.Ticks && ticks <= DateTime.MaxValue.Ticks,
    };
}
