using System.Collections.Concurrent;
using System.Text.Json;
using System.Xml.Linq;
using TodoFlow.Host;
using TodoFlow.Tests.Support;

namespace TodoFlow.Tests.Web;

/// <summary>
/// The standalone host with the web app that was built, at one address for all scripts, and what runs the scripts of <c>web/e2e</c>: programs
/// of Node's own test runner (<c>node:test</c>), which drive Chromium by playwright-core. They get, in their environment:
/// <list type="table">
/// <item><term><c>TODOFLOW_URL</c></term><description>the page's origin, such as <c>http://127.0.0.1:40001</c></description></item>
/// <item><term><c>TODOFLOW_CHROMIUM</c></term><description>Chromium's program, for <c>executablePath</c>; as root it needs <c>--no-sandbox</c></description></item>
/// <item><term><c>TODOFLOW_CONTROL</c></term><description>
/// where they ask for what the API does not do, by POST with a JSON body: <c>/stop</c> stops the host as SIGTERM does, <c>/start</c> starts it
/// again at the same address, with settings by their keys (<c>{"Auth:AccessTokenLifetime": "00:00:05"}</c>) beside those of the tests or
/// with <c>{}</c>, <c>/sign-in-code</c> with <c>{"email": …}</c> makes a code of a sign-in link: <c>{"code": …}</c>
/// </description></item>
/// </list>
/// Each script begins with a running host without such settings, and registers users of its own.
/// </summary>
public sealed class PageApp : TestApp
{
    private readonly int _port = FreePort.Find();
    private readonly ConcurrentDictionary<string, Lazy<Task<PageScriptRun>>> _runs = new();
    private Dictionary<string, string> _settings = [];
    private WebApplication? _control;
    private bool _isRunning;

    /// <inheritdoc/>
    public override async Task InitializeAsync()
    {
        if (PageScript.Missing is not null)
        {
            return; // every test is skipped
        }

        await base.InitializeAsync();
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
        await _control.StartAsync();
    }

    /// <inheritdoc/>
    public override async Task DisposeAsync()
    {
        if (_control is not null)
        {
            await _control.DisposeAsync();
            await base.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public override async Task StartHost()
    {
        await base.StartHost();
        _isRunning = true;
    }

    /// <inheritdoc/>
    public override async Task StopHost()
    {
        _isRunning = false;
        await base.StopHost();
    }

    /// <summary>Runs a script, once for all who ask.</summary>
    public Task<PageScriptRun> Run(string script) => _runs.GetOrAdd(script, _ => new(() => RunOnce(script))).Value;

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

    private async Task<PageScriptRun> RunOnce(string script)
    {
        if (!_isRunning || _settings.Count > 0) // an earlier script left it so
        {
            await StopHost();
            _settings = [];
            await StartHost();
        }

        var results = Path.Combine(AppContext.BaseDirectory, $"{script}-{Guid.NewGuid():N}.xml");
        try
        {
            var (exitCode, output) = await PageScript.Start(script, results, new()
            {
                ["TODOFLOW_URL"] = Address.GetLeftPart(UriPartial.Authority),
                ["TODOFLOW_CHROMIUM"] = Browser.Program!,
                ["TODOFLOW_CONTROL"] = _control!.Urls.First(),
            });
            return new(exitCode, output, File.Exists(results) && new FileInfo(results).Length > 0 ? XDocument.Load(results) : new XDocument());
        }
        finally
        {
            File.Delete(results);
        }
    }
}
