using TodoFlow.Host.Invocation;
using TodoFlow.Infrastructure.Realtime;
using TodoFlow.Tests.Unit.Host;
using Xunit;

namespace TodoFlow.Tests.Unit.Realtime;

public sealed class RealtimeSettingsTests
{
    [Fact]
    public void The_defaults_are_right() => Assert.Empty(new RealtimeSettings().Check());

    [Fact]
    public void Every_wrong_value_is_named() => Assert.Equal(
        ["PublicUrl", "SigningKey", "TokenLifetime", "ConnectionLifetime", "ConnectionsPerUser", "SendBuffer"],
        new RealtimeSettings
        {
            PublicUrl = new Uri("ftp://example.com"),
            SigningKey = "short",
            TokenLifetime = TimeSpan.FromHours(2),
            ConnectionLifetime = TimeSpan.Zero,
            ConnectionsPerUser = 0,
            SendBuffer = 10,
        }.Check().Select(line => line["Realtime:".Length..line.IndexOf(' ')]));

    [Theory]
    [InlineData("", true)]
    [InlineData("Endpoint=https://todo.service.signalr.net;AccessKey=x", false)]
    public void A_host_reads_everything_for_a_hub_of_its_own_and_shares_a_group_where_a_service_fans_out(string connectionString, bool alone)
    {
        var catalog = Catalog.Discover(
            [typeof(Functions.Realtime.PushTaskUpdates)],
            ("AzureSignalRConnectionString", connectionString), ("Kafka:Brokers", "b"), ("Kafka:GroupPrefix", "todoflow-"), ("Kafka:Topics:TaskUpdates", "t"));
        var trigger = Assert.IsType<KafkaTrigger>(Assert.Single(catalog.Functions).Trigger);
        Assert.Equal((alone, "todoflow-realtime"), (trigger.IsBroadcast, trigger.ConsumerGroup));
    }
}
