using System.Net;
using TodoFlow.Functions.Middleware;
using Xunit;

namespace TodoFlow.Tests.Unit.Middleware;

/// <summary>Whom a request is counted for: <c>X-Forwarded-For</c> is believed as far as proxies are trusted.</summary>
public sealed class ClientAddressTests
{
    [Theory]
    // Nobody is trusted: a client can send any header.
    [InlineData(0, "198.51.100.9", null, "198.51.100.9")]
    [InlineData(0, "198.51.100.9", "203.0.113.1", "198.51.100.9")]
    // One proxy: what it appended, never what the client sent before.
    [InlineData(1, "10.0.0.1", "203.0.113.1", "203.0.113.1")]
    [InlineData(1, "10.0.0.1", "1.1.1.1, 203.0.113.1", "203.0.113.1")]
    [InlineData(1, "10.0.0.1", "203.0.113.1:5100", "203.0.113.1")]
    [InlineData(1, "10.0.0.1", "[2001:db8:1:2:3:4:5:6]:5100", "2001:db8:1::")]
    // Two proxies.
    [InlineData(2, "10.0.0.1", "1.1.1.1, 203.0.113.1, 10.0.0.2", "203.0.113.1")]
    // Too few hops, or rubbish: the last that can be told.
    [InlineData(2, "10.0.0.1", "203.0.113.1", "203.0.113.1")]
    [InlineData(2, "10.0.0.1", "unknown, 10.0.0.2", "10.0.0.2")]
    [InlineData(1, "10.0.0.1", "", "10.0.0.1")]
    [InlineData(1, "10.0.0.1", null, "10.0.0.1")]
    [InlineData(1, "10.0.0.1", "203.0.113.1, rubbish", "10.0.0.1")]
    // One subscriber may have a /48; an IPv4 address is the same in either spelling.
    [InlineData(0, "2001:db8:1:2:aaaa::1", null, "2001:db8:1::")]
    [InlineData(0, "::ffff:198.51.100.9", null, "198.51.100.9")]
    public void The_client_is_told_behind_its_proxies(int trusted, string connection, string? forwarded, string expected)
    {
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = IPAddress.Parse(connection);
        if (forwarded is not null)
        {
            http.Request.Headers["X-Forwarded-For"] = forwarded;
        }

        Assert.Equal(IPAddress.Parse(expected), ClientAddress.Of(http, trusted));
    }

    [Fact]
    public void A_repeated_header_is_one_list()
    {
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = IPAddress.Loopback;
        http.Request.Headers.Append("X-Forwarded-For", "203.0.113.1");
        http.Request.Headers.Append("X-Forwarded-For", "10.0.0.2");
        Assert.Equal(IPAddress.Parse("203.0.113.1"), ClientAddress.Of(http, 2));
    }
}
