using TodoFlow.Domain.Accounts;
using TodoFlow.Host;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Tests.Support;

/// <summary>Codes of sign-in links, as the host's command <c>sign-in-code</c> makes them.</summary>
public static class SignInCodes
{
    /// <summary>Makes one.</summary>
    /// <param name="host">The host whose database it is for.</param>
    /// <param name="email">Who signs in with it.</param>
    public static async Task<string> Create(HostApplication host, string email)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserAccounts>();
        var user = EmailAddress.TryParse(email, out var address) ? await users.Find(address, CancellationToken.None) : null;
        return await scope.ServiceProvider.GetRequiredService<SignInLinks>()
            .Create(user ?? throw new InvalidOperationException($"There is no user {email}."), CancellationToken.None);
    }
}
