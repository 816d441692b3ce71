using Xunit;

namespace TodoFlow.Tests.Web;

/// <summary>The web app in Chromium: each test of the scripts in <c>web/e2e</c> is one here.</summary>
public sealed class PageTests(PageApp app) : IClassFixture<PageApp>
{
    public static TheoryData<string, string> Tests
    {
        get
        {
            var tests = new TheoryData<string, string>();
            foreach (var (script, test) in PageScript.Tests)
            {
                tests.Add(script, test);
            }

            return tests;
        }
    }

    [PageTheory]
    [MemberData(nameof(Tests))]
    public async Task The_page_passes(string script, string test)
    {
        Assert.NotEmpty(script); // it says where the test is
        (await app.Run()).Passed(test);
    }
}
