using System.CommandLine;
using Npgsql;

namespace TodoFlow.Host.Commands;

/// <summary><c>serve</c>, and no command at all: runs the functions until SIGTERM or SIGINT.</summary>
internal static class ServeCommand
{
    /// <summary>Adds the command, and makes it what runs without one.</summary>
    public static void AddTo(RootCommand root)
    {
        var urls = new Option<string?>("--urls") { Description = "The addresses to listen on, separated by semicolons. Default: http://127.0.0.1:8080." };
        var serve = new Command("serve", "Runs the functions until SIGTERM or SIGINT (default).") { urls };
        serve.SetAction((arguments, ct) => Serve(arguments.GetValue(urls), ct));
        root.Options.Add(urls);
        root.SetAction((arguments, ct) => Serve(arguments.GetValue(urls), ct));
        root.Subcommands.Add(serve);
    }

    private static async Task<int> Serve(string? urls, CancellationToken ct)
    {
        await using var host = HostApplication.Build(options =>
        {
            if (urls is not null)
            {
                options.Settings["urls"] = urls;
            }
        });
        host.Services.GetRequiredService<NpgsqlDataSource>(); // a connection string that is missing is found now, not by the first request
        await host.RunAsync(ct);
        return 0;
    }
}
