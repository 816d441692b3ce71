using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;

namespace TodoFlow.Bench.Reports;

/// <summary>What was measured on, and how busy it was with other things.</summary>
/// <param name="Cpu">The processor.</param>
/// <param name="Cores">How many cores the process may use.</param>
/// <param name="MemoryGiB">The machine's memory.</param>
/// <param name="Kernel">The operating system's kernel.</param>
/// <param name="Runtime">The .NET runtime.</param>
/// <param name="PostgreSql">The server's version.</param>
/// <param name="LoadBefore">The load average of the minute before: what others had it do.</param>
/// <param name="MeasuredAt">When it began.</param>
public sealed record Machine(
    string Cpu, int Cores, double MemoryGiB, string Kernel, string Runtime, string PostgreSql, double LoadBefore, DateTimeOffset MeasuredAt)
{
    /// <summary>Asks the machine and the server.</summary>
    public static async Task<Machine> Describe(string server)
    {
        await using var database = NpgsqlDataSource.Create(server);
        await using var version = database.CreateCommand("show server_version");
        return new(
            (await File.ReadAllLinesAsync("/proc/cpuinfo")).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown",
            Environment.ProcessorCount,
            Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024.0 / 1024 / 1024, 1),
            RuntimeInformation.OSDescription,
            RuntimeInformation.FrameworkDescription,
            (string)(await version.ExecuteScalarAsync())!,
            double.Parse((await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0], CultureInfo.InvariantCulture),
            TimeProvider.System.GetUtcNow());
    }

    /// <summary>One line of text.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Cores} cores ({Cpu}), {MemoryGiB:0} GiB, PostgreSQL {PostgreSql.Split(' ')[0]}, {Runtime}; load average before {LoadBefore:0.0}; {MeasuredAt:yyyy-MM-dd HH:mm} UTC");
}
