using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using TodoFlow.Host;
using TodoFlow.Tests.Support;

namespace TodoFlow.Tests.Web;

/// <summary>
/// The standalone host with the web app that was built, at one address for all scripts, and what runs the scripts of <c>web/e2e</c>, all of them
/// in one process: tests of Node's own runner (<c>node:test</c>), which drive one Chromium by playwright-core. They get, in their environment:
/// <list type="table">
/// <item><term><c>TODOFLOW_URL</c></term><description>the page's origin, such as <c>http://127.0.0.1:40001</c></description></item>
/// <item><term><c>TODOFLOW_CHROMIUM</c></term><description>Chromium's program, for <c>executablePath</c>; as root it needs <c>--no-sandbox</c></description></item>
/// <item><term><c>TODOFLOW_CONTROL</c></term><description>
/// where they ask for what the API does not do, by POST with a JSON body: <c>/stop</c> stops the host as SIGTERM does, <c>/start</c> starts it
/// again at the same address, with settings by their keys (<c>{"Auth:AccessTokenLifetime": "00:00:05"}</c>) beside those of the tests or
/// with <c>{}</c>, <c>/sign-in-code</c> with <c>{"email": …}</c> makes a code of a sign-in link: <c>{"code": …}</c>, <c>/tasks</c> with
/// <c>{"email": …, "titles": […]}</c> adds many tasks without an event of each; <c>/model</c> and <c>/model/go</c> are <see cref="PageModel"/>'s
/// </description></item>
/// <item><term><c>TODOFLOW_MODEL</c></term><description>the address of the scripted model, for <c>Chat:Endpoint</c></description></item>
/// </list>
/// Where <c>TODOFLOW_PAGE_SCRIPTS</c> names scripts, with spaces between them, only those are run. Each test registers users of its own, and leaves a running host.
/// </summary>
public sealed class PageApp : TestApp
{
    private readonly int _port = FreePort.Find();
    private readonly Lazy<Task<PageScriptRun>> _run;
    private Dictionary<string, string> _settings = [];
    private WebApplication? _control;
    private PageModel? _model;

    /// <summary>Starts nothing yet.</summary>
    public PageApp() => _run = new(RunScripts);

    /// <inheritdoc/>
    public override async Task InitializeAsync()
    {
        if (PageScript.Missing is not null)
        {
            return; // every test is skipped
        }

        await base.InitializeAsync();
        _model = await PageModel.Start();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        _control = builder.Build();
        _control.MapPost("/stop", (RequestDelegate)(_ => StopHost()));
        _control.MapPost("/start", async http =>
        {
            await StopHost();
            _settings = (await http.Request.ReadFromJsonAsync<Dictionary<string, string>>(http.RequestAborted))!;
            await StartHost();
        });
        _control.MapPost("/sign-in-code", async http =>
        {
            var body = (await http.Request.ReadFromJsonAsync<JsonElement>(http.RequestAborted)).GetProperty("email").GetString()!;
            await http.Response.WriteAsJsonAsync(new { code = await SignInCodes.Create(Host, body) }, http.RequestAborted);
        });
        _control.MapPost("/tasks", async http =>
        {
            var body = await http.Request.ReadFromJsonAsync<JsonElement>(http.RequestAborted);
            await AddTasks(body.GetProperty("email").GetString()!, [.. body.GetProperty("titles").EnumerateArray().Select(title => title.GetString()!)], http.RequestAborted);
        });
        _model.Map(_control);
        await _control.StartAsync();
    }

    /// <inheritdoc/>
    public override async Task DisposeAsync()
    {
        if (_control is not null)
        {
            await _control.DisposeAsync();
            await base.DisposeAsync();
            await _model!.DisposeAsync();
        }
    }

    /// <summary>Runs the scripts, once for all who ask.</summary>
    public Task<PageScriptRun> Run() => _run.Value;

    /// <inheritdoc/>
    protected override void Configure(HostApplicationOptions options)
    {
        options.Settings["urls"] = $"http://127.0.0.1:{_port}";
        options.Settings["Web:Root"] = PageScript.Dist;
        WebPushSetting.Configure(options);
        foreach (var (key, value) in _settings)
        {
            options.Settings[key] = value;
        }
    }

    // As a device meets them that was away: no event is raised, and nothing is told to the hub.
    private async Task AddTasks(string email, string[] titles, CancellationToken ct)
    {
        await using var command = Database.Source.CreateCommand(
            """
            insert into task_item (id, user_id, title, status, priority, tags, time_zone, recurrence_basis, version, created_at, updated_at, field_versions)
            select gen_random_uuid(), app_user.id, title, 0, 1, '{}', 'UTC', 0, 1, now(), now(), '{}'
            from app_user, unnest($2) as title where email = $1
            """);
        command.Parameters.Add(new() { Value = email });
        command.Parameters.Add(new() { Value = titles });
        await command.ExecuteNonQueryAsync(ct);
    }

    // What a failed test wrote may have colours, which XML has no characters for, not even escaped.
    private static XDocument Read(string results)
    {
        var text = File.Exists(results) ? File.ReadAllText(results) : "";
        return text.Length == 0 ? new() : XDocument.Parse(string.Concat(text.Where(one => char.IsSurrogate(one) || XmlConvert.IsXmlChar(one))));
    }

    private async Task<PageScriptRun> RunScripts()
    {
        var results = Path.Combine(AppContext.BaseDirectory, $"page-{Guid.NewGuid():N}.xml");
        try
        {
            var scripts = Environment.GetEnvironmentVariable("TODOFLOW_PAGE_SCRIPTS")?.Split(' ') ?? PageScript.Tests.Select(test => test.Script).Distinct();
            var (exitCode, output) = await PageScript.Start(scripts, results, new()
            {
                ["TODOFLOW_URL"] = Address.GetLeftPart(UriPartial.Authority),
                ["TODOFLOW_CHROMIUM"] = Browser.Program!,
                ["TODOFLOW_CONTROL"] = _control!.Urls.First(),
                ["TODOFLOW_MODEL"] = _model!.Address.AbsoluteUri,
            });
            return new(exitCode, output, Read(results));
        }
        finally
        {
            File.Delete(results);
        }
    }
}
