using System.CommandLine;
using TodoFlow.Domain.Accounts;
using TodoFlow.Host.Configuration;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Host.Commands;

/// <summary><c>token &lt;email&gt;</c>: prints an access token of a user, for curl.</summary>
internal static class TokenCommand
{
    private const int Unknown = 3;

    /// <summary>Adds the command.</summary>
    public static void AddTo(RootCommand root)
    {
        var email = UserArguments.Email();
        var token = new Command("token", "Prints an access token of a user.") { email };
        token.SetAction((arguments, ct) => Print(arguments.GetRequiredValue(email), ct));
        root.Subcommands.Add(token);
    }

    private static async Task<int> Print(EmailAddress email, CancellationToken ct)
    {
        await using var services = CommandServices.Build();
        await using var scope = services.CreateAsyncScope();
        var issuer = scope.ServiceProvider.GetRequiredService<LocalIssuer>();
        if (!issuer.IsEnabled)
        {
            throw new HostStartException("Auth:SigningKeys:0:Key is not set: tokens come from the issuer that Auth:Authority names.");
        }

        if (await scope.ServiceProvider.GetRequiredService<UserAccounts>().Find(email, ct) is not { } user)
        {
            await Console.Error.WriteLineAsync($"There is no user {email.Address}; 'users add' makes one.");
            return Unknown;
        }

        Console.WriteLine(issuer.CreateToken(user.Id, user.TimeZone, version: user.TokenVersion));
        return 0;
    }
}
