using System.CommandLine;
using TodoFlow.Host.Configuration;
using TodoFlow.Infrastructure.Notifications.WebPush;

namespace TodoFlow.Host.Commands;

/// <summary><c>vapid</c>: makes the keys that Web Push needs. Nothing is stored.</summary>
internal static class VapidCommand
{
    /// <summary>Adds the command.</summary>
    public static void AddTo(RootCommand root)
    {
        var subject = new Option<string>("--subject")
        {
            Description = "How operators of push services reach you: a mailto: or https: address.",
            DefaultValueFactory = _ => "mailto:operator@example.com",
        };
        var vapid = new Command("vapid", "Makes a key pair for Web Push, and prints the settings to set.") { subject };
        vapid.SetAction(arguments => Print(VapidKeys.Create(), arguments.GetRequiredValue(subject)));
        root.Subcommands.Add(vapid);
    }

    private static int Print(VapidKeys keys, string subject)
    {
        var settings = new WebPushSettings { PublicKey = keys.PublicKey, PrivateKey = keys.PrivateKey, Subject = subject };
        if (settings.Check().FirstOrDefault() is { } wrong)
        {
            throw new HostStartException(wrong.Replace("WebPush:Subject", "--subject", StringComparison.Ordinal));
        }

        Console.WriteLine($"WebPush__PublicKey={keys.PublicKey}");
        Console.WriteLine($"WebPush__PrivateKey={keys.PrivateKey}");
        Console.WriteLine($"WebPush__Subject={subject}");
        return 0;
    }
}
