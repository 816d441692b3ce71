using Microsoft.Azure.Functions.Worker;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Contract.Worker;

/// <summary>
/// Holds what the functions compile against to the table of the packages: host/Worker in both directions, and the packages
/// themselves where the feed has them.
/// </summary>
public sealed class WorkerApiTests
{
    private static readonly Dictionary<string, IReadOnlyList<string>> Table = ReadTable();

    public static TheoryData<string> Types => [.. Table.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_type_is_as_the_packages_declare_it(string name)
    {
        var type = typeof(KafkaRecord).Assembly.GetType(name) ?? typeof(SignalROutputAttribute).Assembly.GetType(name);
        Assert.NotNull(type);
        var lines = PublicSurface.Of(type);
        if (IsDeclared)
        {
            Assert.Equal(Table[name].Order(StringComparer.Ordinal), lines.Order(StringComparer.Ordinal));
        }
        else
        {
            Assert.Subset(lines.ToHashSet(), Table[name].ToHashSet());
        }
    }

    [Fact]
    public void Nothing_else_of_the_worker_is_declared()
    {
        if (IsDeclared)
        {
            Assert.Equal(Table.Keys.Order(StringComparer.Ordinal), typeof(KafkaRecord).Assembly.GetExportedTypes().Select(type => type.FullName!).Order(StringComparer.Ordinal));
        }
    }

    private static bool IsDeclared => typeof(KafkaRecord).Assembly.GetName().Name == "TodoFlow.Worker";

    private static Dictionary<string, IReadOnlyList<string>> ReadTable()
    {
        var table = new Dictionary<string, IReadOnlyList<string>>();
        var space = "";
        List<string> type = [];
        foreach (var line in File.ReadLines(Repository.PathOf("tests/Contract/Worker/worker-api.txt")))
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

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
