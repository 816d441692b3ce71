using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using TodoFlow.Functions;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Contract.Worker;

/// <summary>The function app: one assembly, which both hosts run.</summary>
public sealed partial class FunctionAppTests
{
    public static TheoryData<string> FunctionSources =>
    [
        .. Directory.EnumerateFiles(Repository.PathOf("functions"), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)),
    ];

    [Theory]
    [MemberData(nameof(FunctionSources))]
    public void A_function_knows_no_host(string file)
    {
        var source = Repository.Read(file);
        Assert.DoesNotMatch(@"(?m)^\s*#(if|elif|else)\b", source);
        Assert.DoesNotContain("TodoFlow.Host", source, StringComparison.Ordinal);
    }

    [PublishedFact]
    public void Both_hosts_run_the_same_bytes() =>
        Assert.Equal(Hash(Path.Combine(Published.Host, "TodoFlow.Functions.dll")), Hash(Path.Combine(Published.Functions, "TodoFlow.Functions.dll")));

    [PublishedFact]
    public void The_published_app_holds_the_native_libraries_of_one_platform()
    {
        Assert.NotEmpty(Directory.GetFiles(Published.Functions, "*librdkafka.so", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(Published.Functions, "librdkafka.dylib", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(Published.Functions, "librdkafka.dll", SearchOption.AllDirectories));
        Assert.False(Directory.Exists(Path.Combine(Published.Functions, "runtimes")));
    }

    [PublishedFact]
    public void Nothing_that_only_the_functions_host_reads_is_published_with_the_standalone_host() =>
        Assert.All(["worker.config.json", "functions.metadata", "extensions.json", "TodoFlow.Functions", "TodoFlow.Functions.deps.json"], file =>
        {
            Assert.True(File.Exists(Path.Combine(Published.Functions, file)), file);
            Assert.False(File.Exists(Path.Combine(Published.Host, file)), file);
        });

    [Fact]
    public void Routes_are_written_out_in_both_hosts()
    {
        using var host = JsonDocument.Parse(Repository.Read("host.json"));
        Assert.Equal("2.0", host.RootElement.GetProperty("version").GetString());
        Assert.Equal("", host.RootElement.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());
    }

    [Fact]
    public void Both_hosts_use_the_same_middleware_in_the_same_order()
    {
        var program = Repository.Read("functions/Program.cs");
        var used = UseMiddleware().Matches(program);
        Assert.Equal(FunctionsSetup.Middleware.Select(type => type.Name), used.Select(match => match.Groups[1].Value));
        // Middleware that is added earlier sees no HttpContext.
        Assert.All(used, match => Assert.True(match.Index > program.IndexOf("builder.ConfigureFunctionsWebApplication()", StringComparison.Ordinal)));
        Assert.Contains("AddTodoFlowFunctions(builder.Configuration)", program, StringComparison.Ordinal);
    }

    private static string Hash(string file) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));

    [GeneratedRegex(@"builder\.UseMiddleware<(\w+)>\(\);")]
    private static partial Regex UseMiddleware();
}
