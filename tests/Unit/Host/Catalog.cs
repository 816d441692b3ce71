using TodoFlow.Host.Configuration;
using TodoFlow.Host.Discovery;

namespace TodoFlow.Tests.Unit.Host;

/// <summary>Discovery over given types and settings.</summary>
internal static class Catalog
{
    public static FunctionCatalog Discover(IEnumerable<Type> types, params IEnumerable<(string Key, string Value)> settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("AzureFunctionsJobHost:extensions:http:routePrefix", "")])
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value)))
            .Build();
        return FunctionCatalog.Discover(types, HostSettings.Read(configuration), configuration);
    }
}
