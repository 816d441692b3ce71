using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Web;

/// <summary>The cookie of a session in a real browser.</summary>
public sealed class BrowserSessionTests(WebPageTests.App app) : IClassFixture<WebPageTests.App>
{
    [BrowserFact]
    public async Task A_browser_keeps_the_session_from_scripts_and_from_pages_of_another_origin()
    {
        using var anonymous = app.Anonymous();
        var (email, password) = ($"{Guid.NewGuid():N}@example.com", "correct horse battery");
        (await anonymous.Post("/api/auth/register", new { email, password })).Is(201);

        var seen = JsonNode.Parse(await Browser.Run("session.mjs", $"{app.Address}".TrimEnd('/'), email, password))!;

        Assert.Equal(
            """{"signedIn":200,"hasAccessToken":true,"hasRefreshToken":false,"refreshed":200,"scripts":"","stolen":{"refused":"Failed to fetch"},"simple":"opaque","again":200,"signedOut":204,"cookie":[{"name":"todoflow_refresh","httpOnly":true,"sameSite":"Strict","path":"/api/auth"}],"atThePage":0,"left":0,"afterwards":401}""",
            seen.ToJsonString());
    }
}
