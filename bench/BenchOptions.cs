using System.Globalization;

namespace TodoFlow.Bench;

/// <summary>How long a benchmark takes, and where it runs.</summary>
/// <param name="Server">The connection string of the PostgreSQL server.</param>
/// <param name="IsQuick">Whether a first impression is enough: less data, shorter rounds, and the documentation stays as it is.</param>
/// <param name="Seconds">The length of a round; null leaves it to the benchmark.</param>
/// <param name="Rounds">How many rounds; null leaves it to the benchmark.</param>
/// <param name="Only">The part of the suite whose name contains this; null is all of it. The documentation stays as it is then.</param>
/// <param name="Tasks">The sizes that growth is measured at; null leaves them to the benchmark.</param>
/// <param name="Contender">The host of another build, a .dll or an executable, that is measured beside this one; null is none.</param>
/// <param name="Seed">What chance begins with, where a suite draws what it measures; null is another one each time.</param>
public sealed record BenchOptions(string Server, bool IsQuick, int? Seconds, int? Rounds, string? Only, IReadOnlyList<int>? Tasks = null, string? Contender = null, int? Seed = null)
{
    /// <summary>Whether the figures may go into the documentation.</summary>
    public bool IsWhole => !IsQuick && Only is null;

    /// <summary>The command that runs a suite with these options, as it stands beside what it measured.</summary>
    public string Command(string suite)
    {
        var words = new List<string> { "./todoflow", "bench", suite };
        if (IsQuick)
        {
            words.Add("--quick");
        }

        Add("--rounds", Rounds);
        Add("--seconds", Seconds);
        Add("--only", Only);
        Add("--sizes", Tasks is null ? null : string.Join(',', Tasks));
        Add("--seed", Seed);
        Add("--contender", Contender is null ? null : "PATH");
        return string.Join(' ', words);

        void Add(string option, object? value)
        {
            if (value is not null)
            {
                words.AddRange([option, Convert.ToString(value, CultureInfo.InvariantCulture)!]);
            }
        }
    }

    /// <summary>Requires that the part that is wanted, if any, is one of a suite's.</summary>
    /// <exception cref="ArgumentException">There is no such part.</exception>
    public void RequirePart(params IReadOnlyList<string> parts)
    {
        if (Only is not null && !parts.Contains(Only))
        {
            throw new ArgumentException($"--only {Only} is no part of it. Its parts: {string.Join(", ", parts)}.");
        }
    }

    /// <summary>Reads <c>[--quick] [--seconds N] [--rounds N] [--only NAME] [--sizes N,N] [--seed N] [--contender PATH]</c>.</summary>
    /// <returns>Null where they cannot be read.</returns>
    public static BenchOptions? Parse(string server, ReadOnlySpan<string> arguments)
    {
        var options = new BenchOptions(server, false, null, null, null);
        for (; arguments.Length > 0; arguments = arguments[1..])
        {
            switch (arguments)
            {
                case ["--quick", ..]:
                    options = options with { IsQuick = true };
                    break;
                case ["--seconds", var text, ..] when int.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && seconds > 0:
                    options = options with { Seconds = seconds };
                    arguments = arguments[1..];
                    break;
                case ["--rounds", var text, ..] when int.TryParse(text, CultureInfo.InvariantCulture, out var rounds) && rounds > 0:
                    options = options with { Rounds = rounds };
                    arguments = arguments[1..];
                    break;
                case ["--seed", var text, ..] when int.TryParse(text, CultureInfo.InvariantCulture, out var seed) && seed >= 0:
                    options = options with { Seed = seed };
                    arguments = arguments[1..];
                    break;
                case ["--only", var only, ..]:
                    options = options with { Only = only };
                    arguments = arguments[1..];
                    break;
                case ["--contender", var path, ..]:
                    options = options with { Contender = path };
                    arguments = arguments[1..];
                    break;
                case ["--sizes", var text, ..] when Sizes(text) is { Count: > 0 } sizes:
                    options = options with { Tasks = sizes };
                    arguments = arguments[1..];
                    break;
                default:
                    return null;
            }
        }

        return options;
    }

    private static List<int>? Sizes(string text)
    {
        var sizes = text.Split(',').Select(part => int.TryParse(part, CultureInfo.InvariantCulture, out var size) && size >= 10_000 && size % 10_000 == 0 ? size : 0).ToList();
        return sizes.Contains(0) ? null : sizes;
    }
}
