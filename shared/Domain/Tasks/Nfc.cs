using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace TodoFlow.Domain.Tasks;

/// <summary>
/// Unicode's normalization form C (UAX #15): é is one character, however a keyboard or file system wrote it. The processes run without ICU
/// (<c>InvariantGlobalization</c>), where <see cref="string.Normalize()"/> leaves a text as it is; <c>Nfc.txt</c> has the data.
/// </summary>
public static class Nfc
{
    // Below the first combining mark everything is in the form.
    private const char FirstMark = '\u0300';

    private const int HangulFirst = 0xAC00, HangulLast = 0xD7A3, Leading = 0x1100, Vowel = 0x1161, Trailing = 0x11A7, Vowels = 21, Trailings = 28, Leadings = 19;

    private static readonly Lazy<Data> Known = new(Data.Read);

    /// <summary>The same text in the form; the same string where it is in it.</summary>
    public static string Normalize(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange(FirstMark, char.MaxValue))
        {
            return text;
        }

        var data = Known.Value;
        var decomposed = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            data.Decompose(rune.Value, decomposed);
        }

        data.Order(decomposed);
        data.Compose(decomposed);
        var normalized = new StringBuilder(text.Length);
        foreach (var point in decomposed)
        {
            normalized.Append(new Rune(point).ToString());
        }

        return normalized.Equals(text) ? text : normalized.ToString();
    }

    private sealed class Data(FrozenDictionary<int, int[]> decompositions, FrozenDictionary<(int, int), int> compositions, FrozenDictionary<int, int> classes)
    {
        public static Data Read()
        {
            var (decompositions, compositions, classes) = (new Dictionary<int, int[]>(), new Dictionary<(int, int), int>(), new Dictionary<int, int>());
            using var lines = new StreamReader(typeof(Nfc).Assembly.GetManifestResourceStream("Nfc.txt")!);
            while (lines.ReadLine() is { } line)
            {
                var fields = line.TrimStart('!').Split(' ');
                if (line[0] == '@')
                {
                    foreach (var range in fields[1..].Select(range => range.Split('-')))
                    {
                        for (var point = Point(range[0]); point <= Point(range[^1]); point++)
                        {
                            classes.Add(point, int.Parse(fields[0].AsSpan(1), CultureInfo.InvariantCulture));
                        }
                    }
                }
                else if (line[0] != '#')
                {
                    int[] parts = [.. fields[1..].Select(Point)];
                    decompositions.Add(Point(fields[0]), parts);
                    if (line[0] != '!')
                    {
                        compositions.Add((parts[0], parts[1]), Point(fields[0]));
                    }
                }
            }

            return new(decompositions.ToFrozenDictionary(), compositions.ToFrozenDictionary(), classes.ToFrozenDictionary());

            static int Point(string hex) => int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }

        public void Decompose(int point, List<int> into)
        {
            if (point is >= HangulFirst and <= HangulLast)
            {
                var syllable = point - HangulFirst;
                into.Add(Leading + (syllable / (Vowels * Trailings)));
                into.Add(Vowel + (syllable % (Vowels * Trailings) / Trailings));
                if (syllable % Trailings != 0)
                {
                    into.Add(Trailing + (syllable % Trailings));
                }
            }
            else if (decompositions.TryGetValue(point, out var parts))
            {
                foreach (var part in parts)
                {
                    Decompose(part, into);
                }
            }
            else
            {
                into.Add(point);
            }
        }

        // Marks behind a letter by their classes; those of one class stay in their order.
        public void Order(List<int> points)
        {
            for (var start = 0; start < points.Count;)
            {
                var end = start + 1;
                if (Class(points[start]) != 0)
                {
                    while (end < points.Count && Class(points[end]) != 0)
                    {
                        end++;
                    }

                    int[] ordered = [.. points.Skip(start).Take(end - start).OrderBy(Class)];
                    for (var i = 0; i < ordered.Length; i++)
                    {
                        points[start + i] = ordered[i];
                    }
                }

                start = end;
            }
        }

        // Each mark joins the letter before it, unless one of its own class or a higher one stands between them.
        public void Compose(List<int> points)
        {
            var (kept, letter, lastClass) = (0, -1, 0);
            foreach (var point in points.ToArray())
            {
                var own = Class(point);
                if (letter >= 0 && (lastClass < own || (lastClass == 0 && letter == kept - 1)) && Pair(points[letter], point) is { } composed)
                {
                    points[letter] = composed;
                    continue;
                }

                (letter, lastClass) = own == 0 ? (kept, 0) : (letter, own);
                points[kept++] = point;
            }

            points.RemoveRange(kept, points.Count - kept);
        }

        private int? Pair(int first, int second)
        {
            if (first - Leading is >= 0 and < Leadings && second - Vowel is >= 0 and < Vowels)
            {
                return HangulFirst + ((((first - Leading) * Vowels) + (second - Vowel)) * Trailings);
            }

            if (first is >= HangulFirst and <= HangulLast && (first - HangulFirst) % Trailings == 0 && second - Trailing is > 0 and < Trailings)
            {
                return first + (second - Trailing);
            }

            return compositions.TryGetValue((first, second), out var composed) ? composed : null;
        }

        private int Class(int point) => classes.GetValueOrDefault(point);
    }
}
