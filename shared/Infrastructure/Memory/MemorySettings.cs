using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Memory;

/// <summary>How much memory requests may take. Each process counts for itself.</summary>
public sealed class MemorySettings : ISettings
{
    /// <inheritdoc/>
    public static string Section => "Memory";

    /// <summary>The longest page of a list, in bytes of JSON: a page that would be longer ends early and names the next one.</summary>
    public int PageBytes { get; set; } = 1024 * 1024;

    /// <summary>The bytes of request bodies and of responses that are being made, of all requests together; above it requests are refused.</summary>
    public long BytesInFlight { get; set; } = 64 * 1024 * 1024;

    /// <inheritdoc/>
    public IEnumerable<string> Check()
    {
        if (PageBytes is < 16 * 1024 or > 64 * 1024 * 1024)
        {
            yield return "Memory:PageBytes must be between 16384 and 67108864.";
        }

        if (BytesInFlight is < 4 * 1024 * 1024 or > 1L << 40 || BytesInFlight < 4L * PageBytes)
        {
            yield return "Memory:BytesInFlight must be between 4194304 and 1099511627776, and at least four times Memory:PageBytes.";
        }
    }
}
