using Microsoft.Azure.Functions.Worker;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Contract.Worker;

/// <summary>
/// Holds host/Worker to the worker's packages, in both directions. The standalone build cannot tell when it differs:
/// only the Azure build would fail, where nobody looks.
/// </summary>
public sealed class WorkerApiTests
{
    private static readonly Dictionary<string, IReadOnlyList<string>> Table = ReadTable();
    private static readonly Dictionary<string, IReadOnlyList<string>> Declared = PublicSurface.Of(typeof(FunctionAttribute).Assembly);

    public static TheoryData<string> Types => [.. Table.Keys.Union(Declared.Keys).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_type_is_as_the_packages_declare_it(string type)
    {
        Assert.True(Declared.TryGetValue(type, out var declared), "host/Worker lacks it.");
        Assert.True(Table.TryGetValue(type, out var expected), "The packages do not have it.");
        Assert.Equal(expected.Order(StringComparer.Ordinal), declared.Order(StringComparer.Ordinal));
    }

    private static Dictionary<string, IReadOnlyList<string>> ReadTable()
    {
        var table = new Dictionary<string, IReadOnlyList<string>>();
        var space = "";
        List<string> type = [];
        foreach (var line in File.ReadLines(Repository.PathOf("tests/Contract/Worker/worker-api.txt")))
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (line.StartsWith("namespace ", StringComparison.Ordinal))
            {
                space = line["namespace ".Length..];
            }
            else if (line.StartsWith("  ", StringComparison.Ordinal))
            {
                type.Add(line.Trim());
            }
            else
            {
                type = [line];
                // "delegate Task Name(...)", "attribute Name on ...", "class Name"
                var words = line.Split(' ', '(');
                table.Add($"{space}.{(words[0] == "delegate" ? words[2] : words[1])}", type);
            }
        }

        return table;
    }
}
