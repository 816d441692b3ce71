using Microsoft.Azure.Functions.Worker;
using TodoFlow.Host.Discovery;
using TodoFlow.Host.Invocation;
using Xunit;

namespace TodoFlow.Tests.Unit.Host;

/// <summary>What the host finds in function classes.</summary>
public sealed class DiscoveryTests
{
    private static readonly Type[] Functions = [typeof(Page), typeof(Tick), typeof(Consume)];

    [Fact]
    public void An_http_trigger_keeps_its_methods_and_its_route()
    {
        var page = Assert.IsType<HttpTrigger>(Find("Page").Trigger);
        Assert.Equal(["GET", "PUT"], page.Methods);
        Assert.Equal("pages/{id:guid}", page.Route);
    }

    [Theory]
    [InlineData("", "pages/{id:guid}")]
    [InlineData("v1", "v1/pages/{id:guid}")]
    [InlineData("/v1/", "v1/pages/{id:guid}")]
    public void The_route_prefix_of_host_json_comes_first(string prefix, string route) =>
        Assert.Equal(route, ((HttpTrigger)Find("Page", ("AzureFunctionsJobHost:extensions:http:routePrefix", prefix)).Trigger).Route);

    [Fact]
    public void A_setting_in_a_trigger_is_resolved() =>
        Assert.Equal("30 * * * * *", ((TimerTrigger)Find("Tick").Trigger).Schedule.ToString());

    [Fact]
    public void A_kafka_trigger_is_resolved_with_its_broker()
    {
        var kafka = Assert.IsType<KafkaTrigger>(Find("Consume", ("Events:Transport", "kafka"), ("Kafka:Brokers", "one:9092,two:9092")).Trigger);
        Assert.Equal(("events", "group-a", true), (kafka.Topic, kafka.ConsumerGroup, kafka.IsBatched));
        Assert.Equal("one:9092,two:9092", kafka.Broker?.BrokerList);
        Assert.Equal(BrokerProtocol.SaslSsl, kafka.Broker?.Protocol);
        Assert.Equal("swordfish", kafka.Broker?.Password);
        Assert.DoesNotContain("swordfish", kafka.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_postgres_transport_needs_no_broker() =>
        Assert.Null(Assert.IsType<KafkaTrigger>(Find("Consume", ("Events:Transport", "postgres")).Trigger).Broker);

    [Fact]
    public void A_retry_attribute_becomes_the_policy() =>
        Assert.Equal(new RetryPolicy(-1, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)), Find("Consume").Retry);

    [Fact]
    public void A_function_describes_itself_as_the_worker_does()
    {
        var page = Find("Page");
        Assert.Equal(("Page", "Page", $"{typeof(Page).FullName}.Run"), (page.Name, page.Id, page.EntryPoint));
        Assert.Equal(typeof(Page).Assembly.Location, page.PathToAssembly);
        var binding = Assert.Single(page.InputBindings);
        Assert.Equal(("request", "request", "httpTrigger"), (binding.Key, binding.Value.Name, binding.Value.Type));
    }

    [Fact]
    public void The_allow_list_leaves_the_others_out()
    {
        var catalog = Catalog.Discover(Functions, ("AzureFunctionsJobHost:functions:0", "page"));
        Assert.Equal("Page", Assert.Single(catalog.Functions).Name);
    }

    [Fact]
    public void A_function_outside_of_the_allow_list_needs_no_settings() =>
        Assert.Single(Catalog.Discover([typeof(Page), typeof(DiscoveryErrorTests.Scheduled)], ("AzureFunctionsJobHost:functions:0", "Page")).Functions);

    [Fact]
    public void Without_an_allow_list_every_function_runs() =>
        Assert.Equal(["Consume", "Page", "Tick"], Discover().Functions.Select(function => function.Name));

    private static HostedFunction Find(string name, params (string Key, string Value)[] settings) =>
        Discover(settings).Functions.Single(function => function.Name == name);

    private static FunctionCatalog Discover(params (string Key, string Value)[] settings) =>
        Catalog.Discover(Functions, [("Tick:Schedule", "30 * * * * *"), ("Kafka:Topic", "events"), ("Kafka:Password", "swordfish"), .. settings]);

    public sealed class Page
    {
        [Function("Page")]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "put", Route = "pages/{id:guid}")] HttpRequest request) => Results.Ok();
    }

    public static class Tick
    {
        [Function("Tick")]
        public static void Run([TimerTrigger("%Tick:Schedule%", UseMonitor = false)] TimerInfo timer) { }
    }

    public static class Consume
    {
        [Function("Consume")]
        [ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")]
        public static Task Run(
            [KafkaTrigger("%Kafka:Brokers%", "%Kafka:Topic%", ConsumerGroup = "group-a", IsBatched = true,
                Protocol = BrokerProtocol.SaslSsl, Password = "%Kafka:Password%")] KafkaRecord[] records) => Task.CompletedTask;
    }
}
