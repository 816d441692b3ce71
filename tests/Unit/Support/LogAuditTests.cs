using TodoFlow.Tests.Support;
using Xunit;
using Xunit.Sdk;

namespace TodoFlow.Tests.Unit.Support;

/// <summary>The audit of logs, which every test with a host relies on, finds what it is there for.</summary>
public class LogAuditTests
{
    [Theory]
    [InlineData("Signed in ada@example.com")]
    [InlineData("Authorization: Bearer eyJhbGciOiJIUzI1NiIsImtpZCI6.eyJzdWIiOiIwMWEy.c2lnbmF0dXJl")]
    [InlineData("Created 'Divorce papers to sign'")]
    [InlineData("Login with a passphrase nobody knows failed")]
    [InlineData("Refreshed R3fr3shT0k3nOfTheAudit")]
    public void A_line_with_something_of_a_users_is_found(string line)
    {
        LogAudit.Remember("""{"title": "Divorce papers to sign", "tasks": [{"password": "a passphrase nobody knows"}]}""");
        LogAudit.RememberSecret("R3fr3shT0k3nOfTheAudit");
        using var audit = new LogAudit();
        audit.CreateLogger("any").Log(LogLevel.Information, "{Text}", line);

        Assert.Throws<XunitException>(audit.Check);
    }

    [Fact]
    public void What_was_sent_may_stand_neither_in_a_value_nor_in_an_exception()
    {
        LogAudit.Remember("""{"description": "Where the money is hidden"}""");
        using var values = new LogAudit();
        values.CreateLogger("any").Log(LogLevel.Debug, default, new[] { KeyValuePair.Create("Text", (object?)"Where the money is hidden") }, null, (_, _) => "clean");
        Assert.Throws<XunitException>(values.Check);

        using var exceptions = new LogAudit();
        exceptions.CreateLogger("any").LogError(new InvalidOperationException("no 'Where the money is hidden'"), "clean");
        Assert.Throws<XunitException>(exceptions.Check);
    }

    [Fact]
    public void A_clean_line_passes()
    {
        using var audit = new LogAudit();
        audit.Add("CreateTask failed: database_unavailable 01a2024f-5642-7000-8000-000000000000");
        audit.Check();
    }
}
