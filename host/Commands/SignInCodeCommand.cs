using System.CommandLine;
using TodoFlow.Domain.Accounts;
using TodoFlow.Host.Configuration;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Host.Commands;

/// <summary><c>sign-in-code &lt;email&gt;</c>: prints what signs a user in once, for the link <c>https://…/#sign-in=&lt;code&gt;</c> to the web app.</summary>
internal static class SignInCodeCommand
{
    private const int Unknown = 3;

    /// <summary>Adds the command.</summary>
    public static void AddTo(RootCommand root)
    {
        var email = UserArguments.Email();
        var code = new Command("sign-in-code", "Prints a code that signs a user in once, within 15 minutes: open https://…/#sign-in=<code>.") { email };
        code.SetAction((arguments, ct) => Print(arguments.GetRequiredValue(email), ct));
        root.Subcommands.Add(code);
    }

    private static async Task<int> Print(EmailAddress email, CancellationToken ct)
    {
        await using var services = CommandServices.Build();
        await using var scope = services.CreateAsyncScope();
        if (!scope.ServiceProvider.GetRequiredService<LocalIssuer>().IsEnabled)
        {
            throw new HostStartException("Auth:SigningKeys:0:Key is not set: people sign in with the issuer that Auth:Authority names.");
        }

        if (await scope.ServiceProvider.GetRequiredService<UserAccounts>().Find(email, ct) is not { } user)
        {
            await Console.Error.WriteLineAsync($"There is no user {email.Address}; 'users add' makes one.");
            return Unknown;
        }

        Console.WriteLine(await scope.ServiceProvider.GetRequiredService<SignInLinks>().Create(user, ct));
        return 0;
    }
}
