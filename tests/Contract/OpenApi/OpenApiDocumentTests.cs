using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Microsoft.Azure.Functions.Worker;
using Microsoft.OpenApi;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions;
using TodoFlow.Functions.Http;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Contract.OpenApi;

public class OpenApiDocumentTests
{
    [Fact]
    public void The_document_in_docs_is_the_one_that_the_functions_give()
    {
        var committed = File.Exists(Repository.PathOf("docs/openapi.json")) ? Repository.Read("docs/openapi.json").Split('\n') : [];
        var current = System.Text.Encoding.UTF8.GetString(Functions.OpenApi.ApiDescription.Utf8.Span).Split('\n');

        var line = Enumerable.Range(0, Math.Max(committed.Length, current.Length))
            .FirstOrDefault(line => committed.ElementAtOrDefault(line) != current.ElementAtOrDefault(line), -1);

        Assert.True(line < 0,
            $"""
            docs/openapi.json is not what the functions say, first in line {line + 1}:
              committed: {committed.ElementAtOrDefault(line)}
              functions: {current.ElementAtOrDefault(line)}
            If the change is meant: dotnet run --project host -- openapi > docs/openapi.json
            """);
    }

    [Fact]
    public void Every_HTTP_function_is_in_the_document_and_nothing_else()
    {
        var functions =
            from type in typeof(FunctionsSetup).Assembly.GetTypes()
            from method in type.GetMethods()
            from parameter in method.GetParameters()
            let trigger = parameter.GetCustomAttributes(false).OfType<HttpTriggerAttribute>().SingleOrDefault()
            where trigger is not null && trigger.Route != WrongRoute.Route // the page and what is not there are none of the API
            from verb in trigger.Methods ?? []
            where verb != "head" // as GET, and not described again
            let name = method.GetCustomAttributes(false).OfType<FunctionAttribute>().Single().Name
            select $"{name}: {verb.ToUpperInvariant()} /{trigger.Route!.Replace(":guid", "")}";

        var operations = ApiDocument.Operations.Select(operation => $"{operation.Name}: {operation.Verb} {operation.Path}");

        Assert.Equal(functions.Order(StringComparer.Ordinal), operations.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_reader_of_OpenAPI_finds_nothing_wrong()
    {
        var read = OpenApiDocument.Parse(ApiDocument.Root.ToJsonString(), "json");

        Assert.NotNull(read.Diagnostic);
        Assert.Empty(read.Diagnostic.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        Assert.Equal(ApiDocument.Root["paths"]!.AsObject().Count, read.Document!.Paths.Count);
    }

    [Fact]
    public void Every_reference_leads_somewhere_and_every_component_is_referred_to()
    {
        var references = Nodes(ApiDocument.Root).OfType<JsonObject>()
            .Where(node => node["$ref"] is JsonValue).ToList();
        Assert.All(references, reference => ApiDocument.Resolve(reference));

        var used = references.Select(reference => reference["$ref"]!.GetValue<string>()).ToHashSet();
        var unused =
            from kind in ApiDocument.Root["components"]!.AsObject()
            where kind.Key != "securitySchemes"
            from component in kind.Value!.AsObject()
            where !used.Contains($"#/components/{kind.Key}/{component.Key}")
            select $"{kind.Key}/{component.Key}";
        Assert.Empty(unused);
    }

    [Fact]
    public void Operations_have_names_of_their_own_and_say_what_they_do()
    {
        Assert.Distinct(ApiDocument.Operations.Select(operation => operation.Name));
        Assert.All(ApiDocument.Operations, operation =>
        {
            Assert.NotEqual("", operation.Json["summary"]?.GetValue<string>() ?? "");
            Assert.NotEqual("", operation.Json["description"]?.GetValue<string>() ?? "");
            Assert.Contains(operation.Json["responses"]!.AsObject(), response => response.Key[0] == '2');
        });
    }

    [Fact]
    public void Every_field_has_a_description()
    {
        var silent =
            from schema in ApiDocument.Root["components"]!["schemas"]!.AsObject()
            from property in schema.Value!["properties"]?.AsObject() ?? []
            where property.Value!["description"] is null && (schema.Key, property.Key) != ("Problem", "type")
            select $"{schema.Key}.{property.Key}";

        Assert.Empty(silent);
    }

    [Fact]
    public void Every_change_of_a_task_is_named_in_what_devices_are_told()
    {
        var changes = typeof(TaskEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(TaskEvent)) && !type.IsAbstract)
            .Select(type => ((TaskEvent)RuntimeHelpers.GetUninitializedObject(type)).Change);
        var named = ApiDocument.Resolve(ApiDocument.Message("Negotiate", "task_update"))["properties"]!["change"]!["enum"]!.AsArray().Select(change => (string)change!);

        Assert.Equal(changes.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_parameters_of_each_path_are_declared_and_no_others()
    {
        Assert.All(ApiDocument.Operations, operation =>
        {
            var inPath = operation.Path.Split('/').Where(segment => segment.StartsWith('{')).Select(segment => segment.Trim('{', '}'));
            var declared = operation.Parameters.Where(parameter => parameter["in"]!.GetValue<string>() == "path").ToList();

            Assert.Equal(inPath.Order(StringComparer.Ordinal), declared.Select(parameter => parameter["name"]!.GetValue<string>()).Order(StringComparer.Ordinal));
            Assert.All(declared, parameter => Assert.True(parameter["required"]!.GetValue<bool>()));
        });
    }

    private static IEnumerable<JsonNode> Nodes(JsonNode node) =>
    [
        node,
        .. node switch
        {
            JsonObject children => children.Where(child => child.Value is not null).SelectMany(child => Nodes(child.Value!)),
            JsonArray children => children.Where(child => child is not null).SelectMany(child => Nodes(child!)),
            _ => [],
        },
    ];
}
