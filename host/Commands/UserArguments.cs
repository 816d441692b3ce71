using System.CommandLine;
using TodoFlow.Domain.Accounts;

namespace TodoFlow.Host.Commands;

/// <summary>The arguments of the commands about users.</summary>
internal static class UserArguments
{
    /// <summary>The user's address.</summary>
    public static Argument<EmailAddress> Email() => new("email")
    {
        Description = "The user's e-mail address.",
        CustomParser = result =>
        {
            if (EmailAddress.TryParse(result.Tokens[0].Value, out var email))
            {
                return email;
            }

            result.AddError($"'{result.Tokens[0].Value}' is not an e-mail address.");
            return null;
        },
    };
}
