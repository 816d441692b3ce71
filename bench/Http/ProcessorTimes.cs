using System.Globalization;
using Npgsql;

namespace TodoFlow.Bench.Http;

/// <summary>The processor time of a server on this machine and of PostgreSQL's processes: what a noisy machine does not change much.</summary>
public sealed class ProcessorTimes
{
    private const double MicrosecondsPerTick = 10_000; // USER_HZ is 100 wherever .NET runs on Linux

    private readonly int? _postmaster;

    private ProcessorTimes(int? postmaster) => _postmaster = postmaster;

    /// <summary>Finds the server's processes; where it runs on another machine, its time stays 0.</summary>
    public static async Task<ProcessorTimes> Of(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("select pid from pg_stat_activity where backend_type = 'checkpointer'");
        return new(await command.ExecuteScalarAsync() is int checkpointer && Read(checkpointer) is { } stat ? stat.Parent : null);
    }

    /// <summary>What PostgreSQL's processes have used, those that ended included, in microseconds.</summary>
    public double PostgreSql() => _postmaster is not { } postmaster
        ? 0
        : Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? Read(id) : null)
            .Sum(stat => stat is not { } process ? 0 : process.Id == postmaster ? process.OfEnded : process.Parent == postmaster ? process.Used : 0);

    private static (int Id, int Parent, double Used, double OfEnded)? Read(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' '); // behind the name, which may hold anything
            return (id, int.Parse(fields[1], CultureInfo.InvariantCulture), Ticks(11) + Ticks(12), Ticks(11) + Ticks(12) + Ticks(13) + Ticks(14));

            double Ticks(int field) => double.Parse(fields[field], CultureInfo.InvariantCulture) * MicrosecondsPerTick;
        }
        catch (IOException) // it ended
        {
            return null;
        }
    }
}
