using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;
using TodoFlow.Tests.Support.FunctionsHost;
using Xunit;

namespace TodoFlow.Tests.Contract.OpenApi;

/// <summary>In the standalone host.</summary>
public sealed class OpenApiRequestTests(TestApp app) : OpenApiRequestTest(app), IClassFixture<TestApp>;

/// <summary>Under the double of the Functions host.</summary>
[Collection(FunctionsHostTests.Name)]
public sealed class FunctionsHostOpenApiRequestTests(FunctionsApp app) : OpenApiRequestTest(app);

/// <summary>What the document says of requests is what the functions do: whatever it rules out is refused by name, and its examples are not.</summary>
public abstract class OpenApiRequestTest(TestApp app)
{
    // Of two fields one is needed, which JSON Schema says only clumsily: this one, where the other is null.
    private static readonly (string Operation, string Field)[] OneOfTwo = [("CreateReminder", "reminder_offset"), ("SnoozeReminder", "minutes")];

    public static TheoryData<string> All => [.. ApiDocument.Operations.Select(operation => operation.Name)];

    public static TheoryData<string> WithBody => [.. ApiDocument.Operations.Where(operation => operation.Body is not null).Select(operation => operation.Name)];

    public static TheoryData<string> WithQuery => [.. ApiDocument.Operations.Where(HasQuery).Select(operation => operation.Name)];

    public static TheoryData<string> SignedIn => [.. ApiDocument.Operations.Where(NeedsToken).Select(operation => operation.Name)];

    [Theory, MemberData(nameof(WithBody))]
    public async Task A_field_that_breaks_its_schema_is_refused_by_name(string name)
    {
        var operation = ApiDocument.Operation(name);
        using var client = await app.SignUp();
        var path = await PathOf(operation, client);
        var schema = ApiDocument.Resolve(operation.Body!["schema"]!);
        var broken = BreaksOf(schema).ToList();

        foreach (var (field, breakIt) in broken)
        {
            var body = Required(schema);
            breakIt(body);
            var answer = await Send(client, operation, path, body.ToJsonString());
            Assert.True(answer.Status == 400 && answer.BadFields.Contains(field),
                $"{operation.Verb} {operation.Path} with {Shortened(body)} did not refuse {field}: {answer.Status} {answer.Body}");
        }

        Assert.NotEmpty(broken);
    }

    [Theory, MemberData(nameof(WithBody))]
    public async Task The_example_and_null_where_it_is_allowed_are_accepted(string name)
    {
        var operation = ApiDocument.Operation(name);
        using var client = await app.SignUp();
        var path = await PathOf(operation, client);
        var schema = ApiDocument.Resolve(operation.Body!["schema"]!);
        var nulls = Required(schema);
        foreach (var (field, property) in schema["properties"]!.AsObject().Where(field => ApiDocument.Field(field.Value!).MayBeNull))
        {
            nulls[field] = OneOfTwo.Contains((name, field)) ? property!["examples"]![0]!.DeepClone() : null;
        }

        foreach (var example in new[] { operation.Body["example"]?.AsObject(), nulls }.OfType<JsonObject>())
        {
            var body = await Existing(example, schema, client);
            var answer = await Send(client, operation, path, body);
            Assert.True(answer.Status is not (400 or 404 or >= 500), $"{operation.Verb} {operation.Path} refused {body}: {answer.Status} {answer.Body}");
            Assert.NotNull(operation.Response(answer.Status));
        }
    }

    [Theory, MemberData(nameof(WithQuery))]
    public async Task A_query_parameter_that_breaks_its_schema_is_refused_by_name(string name)
    {
        var operation = ApiDocument.Operation(name);
        using var client = await app.SignUp();
        var path = await PathOf(operation, client);
        foreach (var parameter in operation.Parameters.Where(parameter => parameter["in"]!.GetValue<string>() == "query"))
        {
            var field = parameter["name"]!.GetValue<string>();
            var (schema, _) = ApiDocument.Field(parameter["schema"]!);
            foreach (var value in BrokenValues(schema).Select(QueryText).OfType<string>())
            {
                var answer = await Send(client, operation, $"{path}?{field}={Uri.EscapeDataString(value)}", null);
                Assert.True(answer.Status == 400 && answer.BadFields.Contains(field),
                    $"{operation.Verb} {operation.Path} with {field}={value[..Math.Min(60, value.Length)]} did not refuse it: {answer.Status} {answer.Body}");
            }
        }
    }

    [Theory, MemberData(nameof(All))]
    public async Task Headers_and_a_body_are_heeded_where_the_document_has_them_and_nowhere_else(string name)
    {
        var operation = ApiDocument.Operation(name);
        using var client = await app.SignUp();
        var path = await PathOf(operation, client) + RequiredQuery(operation);
        var body = operation.Body is { } declared ? Required(ApiDocument.Resolve(declared["schema"]!)).ToJsonString() : null;

        foreach (var (header, malformed) in new[] { ("If-Match", "nonsense"), ("Idempotency-Key", new string('x', 256)) })
        {
            var answer = await Send(client, operation, path, body, (header, malformed));
            var heeded = answer.Status == 400 && answer.BadFields.Contains(header);
            var documented = operation.Parameters.Any(parameter => parameter["name"]!.GetValue<string>() == header);
            Assert.True(heeded == documented, $"{operation.Verb} {operation.Path}: {header} is documented: {documented}, and heeded: {heeded}.");
        }

        if (operation.Json["requestBody"] is null)
        {
            Assert.NotEqual(400, (await Send(client, operation, path, "{")).Status);
        }
    }

    [Theory, MemberData(nameof(SignedIn))]
    public async Task Without_a_token_an_operation_that_needs_one_answers_401(string name)
    {
        var operation = ApiDocument.Operation(name);
        using var nobody = app.Anonymous();

        var answer = await Send(nobody, operation, operation.PathWith(Guid.CreateVersion7()), operation.Body is null ? null : "{}");

        answer.IsProblem(401, "unauthenticated");
    }

    // An id in a body must be one of a task that is there.
    private static async Task<string> Existing(JsonObject example, JsonObject schema, ApiClient client)
    {
        var body = example.DeepClone().AsObject();
        if (schema["properties"]!["task_id"] is not null)
        {
            body["task_id"] = (await client.Post("/api/tasks", new { title = "Buy milk", due_date = "2099-01-01" })).Is(201).Id;
        }

        if (schema["properties"]!["request_id"] is not null) // what waits in the conversation
        {
            body["request_id"] = (await client.Get($"/api/chat/{(await client.Get("/api/chat")).Json[0]!["id"]}"))["messages"]![1]!["approvals"]![0]!["request_id"]!.DeepClone();
        }

        return body.ToJsonString();
    }

    private static bool HasQuery(ApiOperation operation) => operation.Parameters.Any(parameter => parameter["in"]!.GetValue<string>() == "query");

    private static string RequiredQuery(ApiOperation operation)
    {
        var required = operation.Parameters.Where(parameter => parameter["in"]!.GetValue<string>() == "query" && parameter["required"]?.GetValue<bool>() == true)
            .Select(parameter => $"{parameter["name"]!.GetValue<string>()}=something").ToList();
        return required.Count == 0 ? "" : $"?{string.Join('&', required)}";
    }

    private static bool NeedsToken(ApiOperation operation) => operation.Json["security"] is null;

    private static async Task<string> PathOf(ApiOperation operation, ApiClient client)
    {
        if (!operation.Path.Contains('{'))
        {
            return operation.Path;
        }

        var task = (await client.Post("/api/tasks", new { title = "Buy milk" })).Is(201).Id;
        if (operation.Path.StartsWith("/api/chat/", StringComparison.Ordinal))
        {
            return operation.PathWith((await client.Post("/api/chat", new { message = "Delete buy milk" })).Is(200)["conversation_id"]!.GetValue<Guid>());
        }

        return operation.PathWith(operation.Path.StartsWith("/api/reminders/", StringComparison.Ordinal)
            ? (await client.Post("/api/reminders", new { task_id = task, remind_at = "2099-01-01T00:00:00Z" })).Is(201).Id
            : task);
    }

    private static async Task<ApiAnswer> Send(
        ApiClient client, ApiOperation operation, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return await client.Send(HttpMethod.Parse(operation.Verb), path, content, headers);
    }

    /// <summary>The least body that the schema allows.</summary>
    private static JsonObject Required(JsonObject schema) => new((schema["required"]?.AsArray() ?? []).Select(name =>
    {
        var property = schema["properties"]![name!.GetValue<string>()]!;
        return KeyValuePair.Create(name.GetValue<string>(), property["examples"]?[0]?.DeepClone() ?? (property["type"] is { } type && type.ToJsonString() == "\"array\"" ? new JsonArray() : (JsonNode?)"something"));
    }));

    private static IEnumerable<(string Field, Action<JsonObject> Break)> BreaksOf(JsonObject schema)
    {
        foreach (var name in (schema["required"]?.AsArray() ?? []).Select(name => name!.GetValue<string>()))
        {
            yield return (name, body => body.Remove(name));
        }

        foreach (var (name, property) in schema["properties"]!.AsObject())
        {
            var (field, mayBeNull) = ApiDocument.Field(property!);
            if (!mayBeNull)
            {
                yield return (name, body => body[name] = null);
            }

            foreach (var value in BrokenValues(field))
            {
                yield return (name, body => body[name] = value.DeepClone());
            }

            if (ApiDocument.TypeOf(field) != "object")
            {
                continue;
            }

            foreach (var (nested, breakNested) in BreaksOf(field))
            {
                yield return ($"{name}.{nested}", body => BreakInside(body, name, field, breakNested));
            }
        }
    }

    private static void BreakInside(JsonObject body, string name, JsonObject schema, Action<JsonObject> breakNested)
    {
        var nested = Required(schema);
        breakNested(nested);
        body[name] = nested;
    }

    /// <summary>Values that the schema rules out: one for each thing that it says.</summary>
    private static IEnumerable<JsonNode> BrokenValues(JsonObject schema)
    {
        switch (ApiDocument.TypeOf(schema))
        {
            case "string":
                yield return 7;
                if (Limit(schema, "minLength") is > 0)
                {
                    yield return "";
                }

                if (Limit(schema, "maxLength") is { } longest)
                {
                    yield return new string('x', (int)longest + 1);
                }

                if (schema["enum"] is not null || schema["format"] is not null || schema["anyOf"] is not null)
                {
                    yield return "nonsense";
                }

                break;
            case "integer":
                yield return "seven";
                yield return 1.5;
                if (schema["format"]?.GetValue<string>() == "int32")
                {
                    yield return int.MaxValue + 1L;
                }

                if (Limit(schema, "minimum") is { } least)
                {
                    yield return least - 1;
                }

                if (Limit(schema, "maximum") is { } most)
                {
                    yield return most + 1;
                }

                break;
            case "boolean":
                yield return "yes";
                break;
            case "array":
                yield return "one";
                yield return new JsonArray(7);
                if (Limit(schema, "maxItems") is { } items)
                {
                    yield return new JsonArray([.. Enumerable.Range(0, (int)items + 1).Select(item => (JsonNode)$"{item}")]);
                }

                if (Limit(schema["items"]!, "maxLength") is { } longestItem)
                {
                    yield return new JsonArray(new string('x', (int)longestItem + 1));
                }

                if (Limit(schema["items"]!, "minLength") is > 0)
                {
                    yield return new JsonArray("");
                }

                break;
            case "object":
                yield return "none";
                yield return new JsonArray();
                break;
            default:
                Assert.Fail($"No test breaks the type {schema["type"]}.");
                break;
        }
    }

    private static long? Limit(JsonNode schema, string keyword) => schema[keyword]?.GetValue<long>();

    // A query string has only texts: 7 is one, and a list without entries is none.
    private static string? QueryText(JsonNode value) => value switch
    {
        JsonArray items when items.All(item => item!.GetValueKind() == System.Text.Json.JsonValueKind.String) && items.Any(item => item!.GetValue<string>() != "") =>
            string.Join(',', items.Select(item => item!.GetValue<string>())),
        JsonArray => null,
        _ when value.GetValueKind() == System.Text.Json.JsonValueKind.Number => value.ToJsonString() is "7" ? null : value.ToJsonString(),
        _ => value.GetValue<string>() is "one" ? null : value.GetValue<string>(),
    };

    private static string Shortened(JsonObject body)
    {
        var text = body.ToJsonString();
        return text.Length <= 200 ? text : string.Create(CultureInfo.InvariantCulture, $"{text[..200]}... ({text.Length} characters)");
    }
}
