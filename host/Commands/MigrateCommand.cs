using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using TodoFlow.Host.Configuration;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Host.Commands;

/// <summary><c>migrate</c>: brings the database's schema up to date, or to an earlier state.</summary>
internal static class MigrateCommand
{
    /// <summary>Adds the command.</summary>
    public static void AddTo(RootCommand root)
    {
        var to = new Option<int?>("--to") { Description = "How many migrations are to be applied, counted from the oldest; 0 removes everything. Default: all." };
        to.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<int?>() < 0)
            {
                result.AddError("--to must be 0 or more.");
            }
        });
        var migrate = new Command("migrate", "Brings the database's schema up to date.") { to };
        migrate.SetAction((arguments, ct) => Migrate(arguments.GetValue(to), ct));
        root.Subcommands.Add(migrate);
    }

    private static async Task<int> Migrate(int? to, CancellationToken ct)
    {
        await using var services = CommandServices.Build();
        await using var db = await services.GetRequiredService<IDbContextFactory<TodoFlowDb>>().CreateDbContextAsync(ct);
        var known = db.Database.GetMigrations().ToList();
        if (to > known.Count)
        {
            throw new HostStartException($"There are {known.Count} migrations; --to {to} is more.");
        }

        var target = to switch
        {
            null => known[^1],
            0 => Migrator.Nothing,
            var count => known[count.Value - 1],
        };
        try
        {
            await services.GetRequiredService<Migrator>().MigrateTo(target, ct);
        }
        catch (OutdatedSchemaException error)
        {
            throw new HostStartException(error.Message);
        }

        Console.WriteLine(to == 0 ? "The schema is empty." : $"The schema is at {target}.");
        return 0;
    }
}
