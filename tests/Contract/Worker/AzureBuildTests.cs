using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using TodoFlow.Functions;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Contract.Worker;

/// <summary>What the Azure build needs and the standalone build never reads. It cannot be built here, so its files are read.</summary>
public sealed partial class AzureBuildTests
{
    private static readonly Dictionary<string, string> Packages = new()
    {
        ["Microsoft.Azure.Functions.Worker"] = "2.52.0",
        ["Microsoft.Azure.Functions.Worker.Sdk"] = "2.1.0",
        ["Microsoft.Azure.Functions.Worker.Extensions.Http.AspNetCore"] = "2.1.1",
        ["Microsoft.Azure.Functions.Worker.Extensions.Kafka"] = "4.3.0",
        ["Microsoft.Azure.Functions.Worker.Extensions.Timer"] = "4.3.1",
        ["Microsoft.Azure.Functions.Worker.Extensions.SignalRService"] = "2.0.1",
    };

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

    [Fact]
    public void The_folder_of_the_functions_builds_for_azure() =>
        Assert.Contains("-p:FunctionsHost=Azure", Repository.Read("functions/Directory.Build.rsp").Split('\n'));

    [Fact]
    public void The_azure_build_takes_the_packages_that_the_table_was_read_from()
    {
        var project = XDocument.Parse(Repository.Read("functions/TodoFlow.Functions.csproj"));
        var azureOnly = project.Descendants("ItemGroup").Where(group => (string?)group.Attribute("Condition") == "'$(FunctionsHost)' == 'Azure'").ToList();
        var versions = XDocument.Parse(Repository.Read("Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(package => (string)package.Attribute("Include")!, package => (string)package.Attribute("Version")!);

        var referenced = azureOnly.Descendants("PackageReference").Select(package => (string)package.Attribute("Include")!).ToList();
        Assert.Equal(Packages.Keys.Order(), referenced.Order());
        Assert.All(Packages, package => Assert.Equal(package.Value, versions[package.Key]));
        Assert.Equal(
            ["v4", "Exe"],
            project.Descendants("PropertyGroup").Single(group => group.Attribute("Condition") is not null).Elements().Select(property => property.Value));
        Assert.Contains(azureOnly.Descendants("None"), file =>
            (string?)file.Attribute("Include") == "../host.json" && (string?)file.Attribute("CopyToPublishDirectory") == "PreserveNewest");
    }

    [Fact]
    public void Only_the_standalone_build_knows_the_declared_worker_api()
    {
        var project = XDocument.Parse(Repository.Read("functions/TodoFlow.Functions.csproj"));
        var reference = project.Descendants("ProjectReference").Single(reference => ((string)reference.Attribute("Include")!).Contains("Worker", StringComparison.Ordinal));
        Assert.Equal("'$(FunctionsHost)' != 'Azure'", (string?)reference.Parent!.Attribute("Condition"));
        Assert.Equal("Program.cs", (string?)reference.Parent.Element("Compile")!.Attribute("Remove"));
    }

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

    [GeneratedRegex(@"builder\.UseMiddleware<(\w+)>\(\);")]
    private static partial Regex UseMiddleware();
}
