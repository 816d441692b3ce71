using TodoFlow.Tests.Support;
using Xunit;
using Xunit.Sdk;

namespace TodoFlow.Tests.Unit.Support;

/// <summary>The audit of logs, which every test with a host relies on, finds what it is there for.</summary>
public partial class LogAuditTests
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
        var logger = audit.CreateLogger("any");
        Say(logger, line);

        Assert.Throws<XunitException>(audit.Check);
    }

    [Fact]
    public void What_was_sent_may_not_stand_in_an_exception_either()
    {
        LogAudit.Remember("""{"description": "Where the money is hidden"}""");
        using var audit = new LogAudit();
        var logger = audit.CreateLogger("any");
        Fail(logger, new InvalidOperationException("no 'Where the money is hidden'"));

        Assert.Throws<XunitException>(audit.Check);
    }

    [Fact]
    public void A_clean_line_passes()
    {
        using var audit = new LogAudit();
        audit.Add("CreateTask failed: database_unavailable 01a2024f-5642-7000-8000-000000000000");
        audit.Check();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Text}")]
    private static partial void Say(ILogger logger, string text);

    [LoggerMessage(Level = LogLevel.Error, Message = "clean")]
    private static partial void Fail(ILogger logger, Exception error);
}
