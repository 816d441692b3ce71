using System.CommandLine;
using System.Security.Cryptography;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Host.Commands;

/// <summary>
/// <c>users add &lt;email&gt;</c> adds a user with a random password, which is printed once; <c>users password &lt;email&gt;</c> gives them
/// another one.
/// </summary>
internal static class UsersCommand
{
    private const int NotDone = 3;

    // No two characters that look alike; 20 of 54 are 115 bits.
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    /// <summary>Adds the command.</summary>
    public static void AddTo(RootCommand root)
    {
        var email = UserArguments.Email();
        var add = new Command("add", "Adds a user, and prints their random password: it is shown this once.") { email };
        add.SetAction((arguments, ct) => Add(arguments.GetRequiredValue(email), ct));
        var password = new Command("password", "Gives a user another random password, prints it, and signs them out everywhere.") { email };
        password.SetAction((arguments, ct) => GivePassword(arguments.GetRequiredValue(email), ct));
        root.Subcommands.Add(new Command("users", "Manages users.") { add, password });
    }

    private static async Task<int> GivePassword(EmailAddress email, CancellationToken ct)
    {
        await using var services = CommandServices.Build();
        await using var scope = services.CreateAsyncScope();
        var password = RandomNumberGenerator.GetString(Alphabet, 20);
        if (!await scope.ServiceProvider.GetRequiredService<PasswordChanges>().Replace(email, password, ct))
        {
            await Console.Error.WriteLineAsync($"There is no user {email.Address}; 'users add' makes one.");
            return NotDone;
        }

        Console.WriteLine(password);
        return 0;
    }

    private static async Task<int> Add(EmailAddress email, CancellationToken ct)
    {
        await using var services = CommandServices.Build();
        await using var scope = services.CreateAsyncScope();
        var password = RandomNumberGenerator.GetString(Alphabet, 20);
        try
        {
            await scope.ServiceProvider.GetRequiredService<UserAccounts>().Add(email, password, timeZone: null, ct);
        }
        catch (ProblemException error) when (error.Problem.Status == StatusCodes.Status409Conflict)
        {
            await Console.Error.WriteLineAsync($"There is a user {email.Address} already; nothing was changed.");
            return NotDone;
        }

        Console.WriteLine(password);
        return 0;
    }
}
