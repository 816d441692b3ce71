using System.Diagnostics.Metrics;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;
using TodoFlow.Functions.Observability;
using TodoFlow.Host.Configuration;
using TodoFlow.Host.Discovery;
using TodoFlow.Host.Http;
using TodoFlow.Host.Invocation;
using TodoFlow.Host.Lifetime;
using TodoFlow.Host.Realtime;
using TodoFlow.Host.Timers;
using TodoFlow.Infrastructure.Observability;
using TodoFlow.Settings;

namespace TodoFlow.Host;

/// <summary>The standalone host: the functions on ASP.NET Core and timers, in one process.</summary>
public sealed partial class HostApplication : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HostSettings _settings;

    private HostApplication(WebApplication app, HostSettings settings)
    {
        _app = app;
        _settings = settings;
    }

    /// <summary>The services of the host and of the functions.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>The settings.</summary>
    public IConfiguration Configuration => _app.Configuration;

    /// <summary>The first address that the host listens on, with its real port; once it is started.</summary>
    public Uri Address => new(Bound.First());

    /// <summary>The address that the host serves metrics on, with its real port; once it is started, and where the settings name one.</summary>
    public Uri? MetricsAddress => _settings.MetricsAddress is null ? null : new Uri(Bound.Last());

    private ICollection<string> Bound => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;

    /// <summary>Builds a host; nothing runs yet.</summary>
    /// <exception cref="HostStartException">A function or a setting is wrong.</exception>
    public static HostApplication Build(Action<HostApplicationOptions>? configure = null)
    {
        var options = new HostApplicationOptions();
        configure?.Invoke(options);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "TodoFlow.Host",
            ContentRootPath = AppContext.BaseDirectory,
        });
        HostConfiguration.AddSources(builder.Configuration, options);
        HostLogging.Configure(builder.Logging, builder.Configuration);
        options.ConfigureLogging?.Invoke(builder.Logging);

        var settings = HostSettings.Read(builder.Configuration);
        var catalog = FunctionCatalog.Discover(options.FunctionTypes, settings, builder.Configuration);
        ConfigureServer(builder, settings);
        AddServices(builder, options, settings, catalog);

        var app = builder.Build();
        RequireConstructible(app.Services, catalog);
        app.MapHub();
        app.Services.GetRequiredService<HttpFunctions>().Map(app, catalog);
        return new HostApplication(app, settings);
    }

    /// <summary>Starts the triggers and listens.</summary>
    /// <exception cref="HostStartException">An address cannot be listened on.</exception>
    public async Task StartAsync(CancellationToken ct = default)
    {
        ListenAddresses.RequireFree(Listened(_settings));
        try
        {
            await _app.StartAsync(ct);
        }
        catch (IOException error) when (error.InnerException is AddressInUseException)
        {
            throw new HostStartException($"{error.Message.TrimEnd('.')}. Stop what listens there, or choose another with --urls.", error);
        }
        catch (Exception error) when (error is SocketException or IOException { InnerException: SocketException })
        {
            throw new HostStartException($"Cannot listen on {string.Join(", ", _settings.Addresses)}: {error.Message}", error);
        }

        var catalog = Services.GetRequiredService<FunctionCatalog>();
        LogStarted(_app.Logger, catalog.Functions.Count, Address);
    }

    /// <summary>Starts, runs until SIGTERM (<see cref="Drain"/>), SIGINT or <paramref name="ct"/>, and stops: what is in flight is finished first.</summary>
    public async Task RunAsync(CancellationToken ct = default)
    {
        await StartAsync(ct);
        await _app.WaitForShutdownAsync(ct);
        LogStopped(_app.Logger);
    }

    /// <summary>Stops taking work, and waits for what is in flight, at most for <see cref="HostSettings.ShutdownTimeout"/>.</summary>
    public Task StopAsync(CancellationToken ct = default) => _app.StopAsync(ct);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    // The order is kept: the last one is that of the metrics.
    private static IEnumerable<string> Listened(HostSettings settings) =>
        settings.MetricsAddress is { } metrics ? settings.Addresses.Append(metrics) : settings.Addresses;

    private static void ConfigureServer(WebApplicationBuilder builder, HostSettings settings)
    {
        builder.WebHost.UseKestrelCore().UseUrls().ConfigureKestrel(kestrel => // of the addresses, each as it is named here
        {
            foreach (var address in settings.Addresses)
            {
                ListenAddresses.Listen(kestrel, address, static _ => { });
            }

            if (settings.MetricsAddress is { } metrics)
            {
                ListenAddresses.Listen(kestrel, metrics, static connections => connections.Use(MetricsConnection.Mark));
            }

            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = HostSettings.MaxRequestBodyBytes;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        });
        builder.Services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = settings.ShutdownTimeout;
            host.ServicesStopConcurrently = true; // each trigger stops taking work at once
        });
        builder.Host.UseDefaultServiceProvider(provider => provider.ValidateOnBuild = true);
    }

    private static void AddServices(WebApplicationBuilder builder, HostApplicationOptions options, HostSettings settings, FunctionCatalog catalog)
    {
        var services = builder.Services;
        services.AddRouting();
        services.AddCors();
        services.AddSettings<CorsSettings>(builder.Configuration);
        options.AddServices(services, builder.Configuration);
        services.Replace(ServiceDescriptor.Singleton(options.Clock));
        foreach (var middleware in options.Middleware)
        {
            services.TryAddSingleton(middleware);
        }

        services.AddSingleton<Drain>();
        services.Replace(ServiceDescriptor.Singleton<IHostLifetime>(provider => provider.GetRequiredService<Drain>()));
        services.AddHostedService<TraceIds>();
        services.AddSingleton(settings);
        services.AddSingleton(catalog);
        services.AddSingleton(provider => InvocationPipeline.Create(provider, options.Middleware, catalog.Functions));
        services.AddSingleton<HttpFunctions>();
        services.AddSingleton(provider => new FunctionRunner(
            provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetRequiredService<InvocationPipeline>(),
            provider.GetRequiredService<IMeterFactory>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<FunctionRunner>>()));
        services.AddRealtime(settings, catalog);
        services.AddHostedService<TimerListener>();
        services.AddConsumers(settings, catalog, builder.Configuration);
    }

    /// <summary>A function's missing service is found at start, not with its first invocation.</summary>
    private static void RequireConstructible(IServiceProvider services, FunctionCatalog catalog)
    {
        var known = services.GetRequiredService<IServiceProviderIsService>();
        foreach (var function in catalog.Functions.Where(function => !function.Method.IsStatic))
        {
            // With several constructors the choice is ActivatorUtilities' own.
            if (function.Method.DeclaringType!.GetConstructors() is not [var constructor])
            {
                continue;
            }

            foreach (var parameter in constructor.GetParameters())
            {
                if (!parameter.HasDefaultValue && !parameter.IsDefined(typeof(FromKeyedServicesAttribute), inherit: false)
                    && !known.IsService(parameter.ParameterType))
                {
                    throw HostStartException.ForFunction(
                        function.Name, $"needs the service {parameter.ParameterType.Name}, which is not registered");
                }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Serving {Count} functions on {Address}")]
    private static partial void LogStarted(ILogger logger, int count, Uri address);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped")]
    private static partial void LogStopped(ILogger logger);
}
