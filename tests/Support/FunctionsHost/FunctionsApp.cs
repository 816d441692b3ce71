using TodoFlow.Host;
using Xunit;

namespace TodoFlow.Tests.Support.FunctionsHost;

/// <summary>The whole application under the double of the Azure Functions host, over a database of its own.</summary>
public class FunctionsApp : TestApp
{
    private AzureHost? _host;

    /// <summary>The double.</summary>
    public AzureHost Azure => _host ?? throw new InvalidOperationException("The host is not started.");

    /// <inheritdoc/>
    public override Uri Address => Azure.Address;

    /// <inheritdoc/>
    public override IEnumerable<(string Method, string Route)> Routes =>
        from function in Azure.Functions
        where function.TriggerType == "httpTrigger"
        from method in function.Methods ?? []
        select (method, function.Route);

    /// <inheritdoc/>
    public override async Task StartHost()
    {
        var options = new HostApplicationOptions();
        Prepare(options);
        options.Settings.Remove("urls"); // the worker's server listens where its host finds it
        _host = await AzureHost.Start(Published.Functions, options.Settings.AsReadOnly());
        await Probe();
    }

    // As a readiness probe does. The worker gives a request up, with an empty 500, whose halves (the invocation and what is forwarded)
    // do not meet within five seconds: on a busy machine the first one may compile for longer than that.
    private async Task Probe()
    {
        const int Attempts = 10;
        using var probe = new HttpClient { BaseAddress = Address };
        for (var attempt = 1; ; attempt++)
        {
            using var response = await probe.GetAsync(new Uri("/health/ready", UriKind.Relative));
            if (response.IsSuccessStatusCode)
            {
                return;
            }

            Assert.True(attempt < Attempts, $"/health/ready: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }
    }

    /// <inheritdoc/>
    public override async Task StopHost()
    {
        if (_host is null)
        {
            return;
        }

        await using var host = _host;
        _host = null;
        await host.Stop();
        foreach (var line in host.Worker.Output.Concat(host.Worker.Errors).Concat(host.Logs.Select(log => log.Message)))
        {
            Logs.Add(line);
        }

        Assert.Empty(host.Worker.Errors);
    }
}

/// <summary>The test classes that share one worker: none of them changes what the others see.</summary>
[CollectionDefinition(Name)]
public sealed class FunctionsHostTests : ICollectionFixture<FunctionsApp>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Under the double of the Functions host";
}
