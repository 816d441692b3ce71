using System.Diagnostics;
using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Contract.OpenApi;

/// <summary>What the document says of answers is what the functions answer, on every route: requests.http is sent from top to bottom.</summary>
public sealed class OpenApiResponseTests(OpenApiResponseTests.App app) : IClassFixture<OpenApiResponseTests.App>
{
    // Headers that mean something to clients; others belong to the connection or to the browser.
    private static readonly string[] ApiHeaders =
    [
        "ETag", "Location", "Link", "X-Total-Count", "X-Unread-Count", "X-Correlation-Id", "Idempotency-Replayed",
        "RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate",
    ];

    [Fact]
    public async Task Requests_http_runs_through_every_route_and_each_answer_is_as_documented()
    {
        var file = new RequestsFile(Repository.Read("requests.http"), app.Address);
        using var client = app.Anonymous();
        var (called, known) = (new HashSet<string>(), new HashSet<string>());

        foreach (var request in file.Requests)
        {
            foreach (var (variable, page) in App.Mailed.Where(mailed => request.Url.Contains($"{{{{{mailed.Variable}}}}}") && known.Add(mailed.Variable)))
            {
                file.Set(variable, await app.MailedTo(page));
            }

            if (request.Url.EndsWith("/api/auth/link", StringComparison.Ordinal))
            {
                file.Set("signInCode", await app.SignInCode());
            }

            var (path, answer) = await file.Send(request, client);
            for (var patience = Stopwatch.StartNew(); request.Name == "notifications" && answer.Body == "[]" && patience.Elapsed < TimeSpan.FromSeconds(30);)
            {
                (path, answer) = await file.Send(request, client); // "it may take a moment"
            }

            if (request.Name == "notifications" && known.Add(App.Reminded.Variable))
            {
                file.Set(App.Reminded.Variable, await app.MailedTo(App.Reminded.Page)); // before the task goes, which would not be told then
            }

            var operation = ApiDocument.Find(request.Verb, path);
            Assert.True(operation is not null, $"requests.http sends {request.Verb} {path}, which docs/openapi.json does not have.");
            Assert.True(answer.Status < 400, $"{answer.Request} of requests.http answered {answer.Status}: {answer.Body}");
            await IsAsDocumented(operation, answer);
            called.Add(operation.Name);
        }

        var missing = ApiDocument.Operations.Where(operation => !called.Contains(operation.Name)).Select(operation => $"{operation.Verb} {operation.Path}");
        Assert.True(!missing.Any(), $"requests.http lacks: {string.Join(", ", missing)}");
    }

    [Fact]
    public async Task Problems_are_as_documented()
    {
        using var nobody = app.Anonymous();
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "Buy milk" })).Is(201).Id;
        var other = Guid.CreateVersion7();

        await IsProblem("GetTask", 401, await nobody.Get($"/api/tasks/{id}"));
        await IsProblem("GetTask", 401, await nobody.Get($"/api/tasks/{id}", ("Authorization", "Bearer nonsense")));
        await IsProblem("GetTask", 404, await alice.Get($"/api/tasks/{other}"));
        await IsProblem("GetDocsFile", 404, await nobody.Get("/api/docs/index.html"));
        await IsProblem("CreateTask", 400, await alice.Post("/api/tasks", new { title = "", limit = 3 }));
        await IsProblem("CreateTask", 400, await alice.Post("/api/tasks", "{"));
        await IsProblem("CreateTask", 409, await alice.Post("/api/tasks", new { id, title = "Buy bread" }));
        // Asks first, since a server may hang up on a client that is still sending what is too large.
        await IsProblem("CreateTask", 413, await alice.Post("/api/tasks", new { title = new string('x', 1_100_000) }, ("Expect", "100-continue")));
        await IsProblem("CreateTask", 415, await alice.Send(HttpMethod.Post, "/api/tasks", new StringContent("title=Buy+milk")));
        await alice.Post("/api/tasks", new { title = "Buy milk" }, ("Idempotency-Key", "1"));
        await IsProblem("CreateTask", 422, await alice.Post("/api/tasks", new { title = "Buy bread" }, ("Idempotency-Key", "1")));
        await IsProblem("UpdateTask", 412, await alice.Put($"/api/tasks/{id}", new { title = "Buy bread" }, ("If-Match", "\"7\"")));
        await IsProblem("LogIn", 401, await nobody.Post("/api/auth/login", new { email = "nobody@example.com", password = "nonsense" }));
        await IsProblem("RefreshTokens", 401, await nobody.Post("/api/auth/refresh", new { refresh_token = "nonsense" }));
    }

    [Fact]
    public async Task A_schema_of_the_document_can_fail()
    {
        var health = """{"status": "healthy", "parts": {"postgresql": {"status": "healthy", "reason": null}}}""";
        var schema = ApiDocument.Operation("GetHealth").Response(200)!["content"]!["application/json"]!["schema"]!;

        Assert.Empty(await ApiDocument.Violations(schema, health));
        Assert.NotEmpty(await ApiDocument.Violations(schema, health.Replace("null", "7")));
        Assert.NotEmpty(await ApiDocument.Violations(schema, health.Replace("\"reason\": null", "\"cause\": null")));
        Assert.NotEmpty(await ApiDocument.Violations(schema, """{"status": "healthy"}"""));
    }

    /// <summary>The application with everything switched on that a route needs.</summary>
    public sealed class App : MeasuredApp
    {
        // The user of requests.http.
        private const string Reader = "ada@example.com";

        private MailServer? _mail;

        /// <summary>The variable of what a reminder's mail holds, and the page that its link leads to.</summary>
        public static (string Variable, string Page) Reminded => ("unsubscribeToken", "/api/mail/unsubscribe?token=");

        /// <summary>The variables of requests.http that come by mail, and the page that its link leads to.</summary>
        public static (string Variable, string Page)[] Mailed { get; } =
            [("verifyToken", "/api/auth/verify?token="), ("resetToken", "/api/auth/password/reset?token="), Reminded];

        /// <summary>What the next mail to the file's user holds that links to a page.</summary>
        public async Task<string> MailedTo(string page)
        {
            while (true)
            {
                var mail = await _mail!.Next(); // other tests' users get some, too
                if (mail.To.Contains(Reader) && mail.Message.TextBody!.Split(page) is [_, var rest])
                {
                    return rest.Split('\r', '\n')[0];
                }
            }
        }

        /// <summary>What an operator's command would print.</summary>
        public async Task<string> SignInCode() => await SignInCodes.Create(Host, Reader);

        public override async Task DisposeAsync()
        {
            await base.DisposeAsync();
            await _mail!.DisposeAsync();
        }

        protected override void Configure(HostApplicationOptions options)
        {
            base.Configure(options);
            WebPushSetting.Configure(options);
            options.Settings["Auth:Authority"] = "http://127.0.0.1:1"; // which nobody asks
            options.Settings["Auth:Audience"] = "https://todoflow.example.com";
            _mail = new();
            _mail.Configure(options);
        }
    }

    private static async Task IsProblem(string operation, int status, ApiAnswer answer)
    {
        answer.Is(status);
        await IsAsDocumented(ApiDocument.Operation(operation), answer);
    }

    private static async Task IsAsDocumented(ApiOperation operation, ApiAnswer answer)
    {
        var response = operation.Response(answer.Status);
        Assert.True(response is not null, $"{operation.Name} does not document the status {answer.Status}.");

        var documented = response["headers"]!.AsObject().Select(header => header.Key);
        var sent = ApiHeaders.Where(header => answer.Header(header) is not null).ToList();
        Assert.True(!sent.Except(documented).Any(), $"{operation.Name} {answer.Status} does not document {string.Join(", ", sent.Except(documented))}.");
        var unconditional = documented.Intersect(["ETag", "Location", "X-Correlation-Id", "WWW-Authenticate"]);
        Assert.True(!unconditional.Except(sent).Any(), $"{operation.Name} {answer.Status} came without {string.Join(", ", unconditional.Except(sent))}.");

        var content = response["content"]?.AsObject();
        var contentType = answer.Header("Content-Type")?.Split(';')[0];
        Assert.Equal(content is null, answer.Body.Length == 0);
        if (content is null || content.ContainsKey("*/*"))
        {
            return;
        }

        Assert.True(contentType is not null && content.ContainsKey(contentType), $"{operation.Name} {answer.Status} does not document {contentType}.");
        if (content[contentType]!["schema"] is { } schema)
        {
            var violations = await ApiDocument.Violations(schema, answer.Body);
            Assert.True(violations.Count == 0, $"{operation.Name} {answer.Status} is not as documented: {string.Join("; ", violations)}\n{answer.Body}");
        }
    }
}
