using System.Reflection;
using System.Xml.Linq;
using Microsoft.Azure.Functions.Worker;
using Mono.Cecil;
using NetArchTest.Rules;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions;
using TodoFlow.Host;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Messaging.Outbox;
using TodoFlow.Settings;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Unit.Architecture;

/// <summary>Who may refer to whom (docs/architecture.md). Between projects the compiler holds it; this holds which projects, and the rest.</summary>
public sealed class ArchitectureTests
{
    private static readonly Assembly Domain = typeof(TaskItem).Assembly;
    private static readonly Assembly Messaging = typeof(OutboxEvent).Assembly;
    private static readonly Assembly Infrastructure = typeof(TodoFlowDb).Assembly;
    private static readonly Assembly Functions = typeof(FunctionsSetup).Assembly;

    private static readonly string[] Outside =
        ["Npgsql", "Microsoft.EntityFrameworkCore", "Confluent.Kafka", "Microsoft.AspNetCore", "System.Data", "System.Net", "MailKit", "OpenTelemetry"];

    public static TheoryData<string, string[]> References => new()
    {
        { "shared/Domain/TodoFlow.Domain.csproj", [] },
        { "shared/Settings/TodoFlow.Settings.csproj", [] },
        { "shared/Messaging/TodoFlow.Messaging.csproj", ["TodoFlow.Domain", "TodoFlow.Settings"] },
        { "shared/Infrastructure/TodoFlow.Infrastructure.csproj", ["TodoFlow.Domain", "TodoFlow.Messaging", "TodoFlow.Settings"] },
    };

    public static TheoryData<Type> Triggers => [.. Functions.GetTypes().Where(type => FunctionsOf(type).Any())];

    [Theory]
    [MemberData(nameof(References))]
    public void The_projects_of_shared_refer_one_way(string project, string[] references) => Assert.Equal(references, ReferencesOf(project));

    [Fact]
    public void Nothing_but_tests_and_benchmarks_refers_to_the_host()
    {
        var projects = Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Repository.Root, file));

        Assert.All(
            projects.Where(project => ReferencesOf(project).Contains("TodoFlow.Host")),
            project => Assert.True(project.StartsWith("tests/", StringComparison.Ordinal) || project.StartsWith("bench/", StringComparison.Ordinal), project));
    }

    [Fact]
    public void The_domain_refers_to_nothing_but_the_base_class_library()
    {
        Assert.All(Domain.GetReferencedAssemblies(), reference => Assert.StartsWith("System.", reference.Name, StringComparison.Ordinal));
        Holds(Types.InAssembly(Domain).ShouldNot().HaveDependencyOnAny(Outside));
    }

    [Fact]
    public void Messaging_knows_no_mapping_and_no_web() =>
        Holds(Types.InAssembly(Messaging).ShouldNot().HaveDependencyOnAny("Microsoft.EntityFrameworkCore", "Microsoft.AspNetCore", "System.Net"));

    [Fact]
    public void No_namespaces_of_shared_use_each_other_in_a_circle() =>
        HasNoCircles(Domain, typeof(ISettings).Assembly, Messaging, Infrastructure);

    [Fact]
    public void No_namespaces_of_the_function_app_use_each_other_in_a_circle() => HasNoCircles(Functions);

    [Fact]
    public void No_namespaces_of_the_host_use_each_other_in_a_circle() => HasNoCircles(typeof(HostApplication).Assembly);

    [Fact]
    public void A_trigger_knows_no_database_and_no_broker() =>
        Holds(Types.InAssembly(Functions).That().MeetCustomRule(new IsTrigger())
            .ShouldNot().HaveDependencyOnAny("Npgsql", "Microsoft.EntityFrameworkCore", "Confluent.Kafka", "System.Data"));

    [Theory]
    [MemberData(nameof(Triggers))]
    public void A_trigger_is_one_function_with_few_parts(Type trigger)
    {
        Assert.Single(FunctionsOf(trigger));
        Assert.InRange(trigger.GetConstructors().Sum(constructor => constructor.GetParameters().Length), 0, 7);
    }

    private static IEnumerable<MethodInfo> FunctionsOf(Type type) =>
        type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly).Where(method => method.IsDefined(typeof(FunctionAttribute)));

    private static IEnumerable<string> ReferencesOf(string project) => XDocument.Parse(Repository.Read(project)).Descendants("ProjectReference")
        .Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!)).Order(StringComparer.Ordinal);

    private static void HasNoCircles(params IEnumerable<Assembly> assemblies)
    {
        var circles = NamespaceGraph.Of(assemblies).Circles();

        Assert.True(circles.Count == 0, string.Join('\n', circles));
    }

    private static void Holds(ConditionList rule)
    {
        var result = rule.GetResult();
        Assert.True(result.IsSuccessful, $"These refer to what they may not: {string.Join(", ", result.FailingTypeNames ?? [])}");
    }

    private sealed class IsTrigger : ICustomRule
    {
        public bool MeetsRule(TypeDefinition type) =>
            type.Methods.Any(method => method.CustomAttributes.Any(attribute => attribute.AttributeType.Name == nameof(FunctionAttribute)));
    }
}
