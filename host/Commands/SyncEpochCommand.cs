using System.CommandLine;
using TodoFlow.Infrastructure.Sync;

namespace TodoFlow.Host.Commands;

/// <summary><c>sync-epoch renew</c>: after a restore, lets every device start anew.</summary>
internal static class SyncEpochCommand
{
    /// <summary>Adds the command.</summary>
    public static void AddTo(RootCommand root)
    {
        var renew = new Command("renew", "Begins another epoch: no token from before serves, and every device fetches everything anew. Run it after the database was restored.");
        renew.SetAction((_, ct) => Renew(ct));
        root.Subcommands.Add(new Command("sync-epoch", "Manages the epoch that the tokens of devices belong to.") { renew });
    }

    private static async Task<int> Renew(CancellationToken ct)
    {
        await using var services = CommandServices.Build();
        await services.GetRequiredService<SyncEpochs>().Renew(ct);
        Console.WriteLine("Another epoch has begun: every device starts anew.");
        return 0;
    }
}
