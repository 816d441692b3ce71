using System.CommandLine;
using System.Text;
using System.Text.Unicode;
using Microsoft.EntityFrameworkCore;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Host.Commands;

/// <summary><c>dead-letters list|show|replay|drop</c>: what consumers parked, and what becomes of it.</summary>
internal static class DeadLettersCommand
{
    private const int Unknown = 3;
    private const int StillDead = 4;

    /// <summary>Adds the command.</summary>
    public static void AddTo(RootCommand root)
    {
        var all = new Option<bool>("--all") { Description = "Those that were replayed too." };
        var list = new Command("list", "Lists dead letters, oldest first: id, group, place, when it was last parked, reason.") { all };
        list.SetAction((arguments, ct) => List(arguments.GetValue(all), ct));

        var shown = new Argument<Guid>("id") { Description = "The dead letter." };
        var show = new Command("show", "Shows a dead letter with its headers and bytes.") { shown };
        show.SetAction((arguments, ct) => Show(arguments.GetRequiredValue(shown), ct));

        var replayed = new Argument<Guid[]>("ids") { Description = "The dead letters; none is all that were not replayed yet.", Arity = ArgumentArity.ZeroOrMore };
        var replay = new Command("replay", "Delivers dead letters again, to the group that parked them. A repeat does nothing.") { replayed };
        replay.SetAction((arguments, ct) => Replay(arguments.GetValue(replayed) ?? [], ct));

        var dropped = new Argument<Guid[]>("ids") { Description = "The dead letters.", Arity = ArgumentArity.OneOrMore };
        var drop = new Command("drop", "Deletes dead letters for good.") { dropped };
        drop.SetAction((arguments, ct) => Drop(arguments.GetRequiredValue(dropped), ct));

        root.Subcommands.Add(new Command("dead-letters", "Manages the records that could not be handled.") { list, show, replay, drop });
    }

    private static async Task<int> List(bool all, CancellationToken ct)
    {
        await using var services = CommandServices.Build();
        await using var db = await OpenDb(services, ct);
        await foreach (var letter in db.DeadLetters.Where(letter => all || letter.ReplayedAt == null)
            .OrderBy(letter => letter.FirstParkedAt).ThenBy(letter => letter.Id)
            .Select(letter => new { letter.Id, letter.GroupName, letter.Topic, letter.Partition, letter.RecordOffset, letter.LastParkedAt, letter.Reason, letter.ReplayedAt })
            .AsAsyncEnumerable().WithCancellation(ct))
        {
            Console.WriteLine(
                $"{letter.Id}  {letter.GroupName}  {letter.Topic}/{letter.Partition}@{letter.RecordOffset}  {letter.LastParkedAt:yyyy-MM-ddTHH:mm:ssZ}  "
                + (letter.ReplayedAt is null ? letter.Reason.ReplaceLineEndings(" ") : $"replayed {letter.ReplayedAt:yyyy-MM-ddTHH:mm:ssZ}"));
        }

        return 0;
    }

    private static async Task<int> Show(Guid id, CancellationToken ct)
    {
        await using var services = CommandServices.Build();
        await using var db = await OpenDb(services, ct);
        if (await db.DeadLetters.AsNoTracking().SingleOrDefaultAsync(letter => letter.Id == id, ct) is not { } letter)
        {
            return await NotFound(id);
        }

        Console.WriteLine($"id:             {letter.Id}");
        Console.WriteLine($"group:          {letter.GroupName}");
        Console.WriteLine($"place:          {letter.Topic}/{letter.Partition}@{letter.RecordOffset}");
        Console.WriteLine($"reason:         {letter.Reason}");
        Console.WriteLine($"event:          {letter.EventId?.ToString() ?? "unreadable"}");
        Console.WriteLine($"correlation id: {letter.CorrelationId}");
        Console.WriteLine($"parked:         {letter.FirstParkedAt:O}, last {letter.LastParkedAt:O}");
        Console.WriteLine($"replayed:       {letter.ReplayedAt?.ToString("O") ?? "no"}");
        Console.WriteLine($"key:            {Print(letter.Key)}");
        foreach (var (name, value) in letter.ToRecord().Headers)
        {
            Console.WriteLine($"header:         {name} = {Print(value)}");
        }

        Console.WriteLine($"value:          {Print(letter.Value)}");
        return 0;
    }

    private static async Task<int> Replay(Guid[] ids, CancellationToken ct)
    {
        await using var services = CommandServices.Build();
        await using var db = await OpenDb(services, ct);
        var chosen = ids.Length > 0
            ? ids
            : await db.DeadLetters.Where(letter => letter.ReplayedAt == null).OrderBy(letter => letter.FirstParkedAt).ThenBy(letter => letter.Id)
                .Select(letter => letter.Id).ToArrayAsync(ct);
        var status = 0;
        foreach (var id in chosen)
        {
            if (await db.DeadLetters.AsNoTracking().SingleOrDefaultAsync(letter => letter.Id == id, ct) is not { } letter)
            {
                status = await NotFound(id);
            }
            else if (services.GetServices<IEventHandler>().SingleOrDefault(handler => handler.Group == letter.GroupName) is not { } handler)
            {
                await Console.Error.WriteLineAsync($"{id}: this version has no group {letter.GroupName}.");
                status = StillDead;
            }
            else if (await services.GetRequiredService<Inbox>().Replay(handler, letter, ct) is { } reason)
            {
                await Console.Error.WriteLineAsync($"{id}: {reason.ReplaceLineEndings(" ")}");
                status = StillDead;
            }
            else
            {
                Console.WriteLine($"{id}: replayed");
            }
        }

        return status;
    }

    private static async Task<int> Drop(Guid[] ids, CancellationToken ct)
    {
        await using var services = CommandServices.Build();
        await using var db = await OpenDb(services, ct);
        var status = 0;
        foreach (var id in ids)
        {
            if (await db.DeadLetters.Where(letter => letter.Id == id).ExecuteDeleteAsync(ct) == 0)
            {
                status = await NotFound(id);
            }
            else
            {
                Console.WriteLine($"{id}: dropped");
            }
        }

        return status;
    }

    private static Task<TodoFlowDb> OpenDb(ServiceProvider services, CancellationToken ct) =>
        services.GetRequiredService<IDbContextFactory<TodoFlowDb>>().CreateDbContextAsync(ct);

    private static async Task<int> NotFound(Guid id)
    {
        await Console.Error.WriteLineAsync($"There is no dead letter {id}.");
        return Unknown;
    }

    // Text as text, unless a terminal would act on it.
    private static string Print(byte[]? bytes) => bytes switch
    {
        null => "(none)",
        _ when Utf8.IsValid(bytes) && Encoding.UTF8.GetString(bytes) is var text && !text.Any(character => char.IsControl(character) && character is not ('\n' or '\t')) => text,
        _ => $"base64:{Convert.ToBase64String(bytes)}",
    };
}
