using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Accounts;
using TodoFlow.Infrastructure.Retention;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>Registers accounts and sign-in.</summary>
public static class AccountsSetup
{
    /// <summary>Registers everything of accounts. Wrong settings stop the start.</summary>
    public static IServiceCollection AddTodoFlowAccounts(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<AuthSettings>(configuration);
        services.AddSingleton<IPasswordHasher<User>>(provider => Passwords.CreateHasher(provider.GetRequiredService<IOptions<AuthSettings>>()));
        services.AddSingleton<Passwords>();
        services.AddSingleton<LocalIssuer>();
        services.AddSingleton<ExternalUsers>();
        services.AddSingleton<ExternalIssuer>();
        services.AddSingleton<PersonalTokens>();
        services.AddSingleton<IPruned>(provider => provider.GetRequiredService<PersonalTokens>());
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<LiveSessions>();
        services.AddSingleton<SignInAttempts>();
        services.AddSingleton<MailTokens>();
        services.AddScoped<Caller>();
        services.AddScoped<UserAccounts>();
        services.AddScoped<Sessions>();
        services.AddScoped<PasswordChanges>();
        services.AddScoped<SignInLinks>();
        return services;
    }
}
