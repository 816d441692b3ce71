namespace TodoFlow.Infrastructure.Memory;

/// <summary>How long values are as JSON, at most. It is asked of each entry of a page, so it looks closely only at text that is unusual.</summary>
internal static class JsonSize
{
    private const int Escaped = 6; // \u0001

    /// <summary>The bytes of a text between its quotes; never fewer than are written.</summary>
    public static int Of(string? text)
    {
        if (text is null)
        {
            return 0;
        }

        var characters = text.AsSpan();
        if (!characters.ContainsAnyExceptInRange(' ', '~'))
        {
            return characters.Length + characters.Count('"') + characters.Count('\\');
        }

        var bytes = 0;
        foreach (var character in characters)
        {
            bytes += character switch
            {
                '"' or '\\' or '\n' or '\r' or '\t' => 2,
                < ' ' => Escaped,
                <= '~' => 1,
                _ when !char.IsLetterOrDigit(character) => Escaped, // half of a pair, or nothing that is shown: the encoder may escape it
                < '\u0800' => 2,
                _ => 3,
            };
        }

        return bytes;
    }

    /// <summary>The bytes of a list of texts.</summary>
    public static int Of(string[] texts)
    {
        var bytes = 2;
        foreach (var text in texts)
        {
            bytes += Of(text) + 3;
        }

        return bytes;
    }
}
