using TodoFlow.Host;

namespace TodoFlow.Tests.Support;

/// <summary>The standalone host in this process, with functions of a test's own and without TodoFlow's services.</summary>
public static class TestHost
{
    /// <summary>Builds a host for the given functions on a free port of the loopback address; without a clock, on the system's.</summary>
    public static HostApplication Build(
        IEnumerable<Type> functions, Action<IServiceCollection>? services = null, Action<HostApplicationOptions>? configure = null) =>
        HostApplication.Build(options =>
        {
            options.Settings["urls"] = "http://127.0.0.1:0";
            options.FunctionTypes = functions;
            options.Middleware = [];
            options.AddServices = (collection, _) => services?.Invoke(collection);
            options.ConfigureLogging = logging => logging.ClearProviders();
            configure?.Invoke(options);
        });

    /// <summary>Builds and starts a host as <see cref="Build"/> does.</summary>
    public static async Task<HostApplication> Start(
        IEnumerable<Type> functions, Action<IServiceCollection>? services = null, Action<HostApplicationOptions>? configure = null)
    {
        var host = Build(functions, services, configure);
        await host.StartAsync();
        return host;
    }
}
