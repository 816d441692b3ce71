using System.Net;
using Npgsql;
using TodoFlow.RawTwin;

// The practical limit that TodoFlow is measured against: the same routes over the same tables with nothing in between. No token is
// checked (the user is the header X-User), no field is validated, no event is announced.
if (args is not [var connection, var port])
{
    await Console.Error.WriteLineAsync("TodoFlow.RawTwin <connection string> <port>");
    return 2;
}

var settings = new NpgsqlConnectionStringBuilder(connection) { MaxAutoPrepare = 100, AutoPrepareMinUsages = 1, NoResetOnClose = true };
await using var database = NpgsqlDataSource.Create(settings);
var tasks = new RawTasks(database);

var builder = WebApplication.CreateEmptyBuilder(new());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Listen(IPAddress.Loopback, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture));
});
await using var app = builder.Build();
app.Run(http =>
{
    var (method, path) = (http.Request.Method, http.Request.Path.Value!);
    return (method, path) switch
    {
        ("POST", "/api/tasks") => tasks.Create(http),
        ("POST", "/api/tasks/search") => tasks.Search(http),
        ("GET", "/api/tasks") => tasks.List(http),
        ("GET", _) when path.StartsWith("/api/tasks/", StringComparison.Ordinal) => tasks.Get(http, Guid.Parse(path.AsSpan("/api/tasks/".Length))),
        _ => Missing(http),
    };
});
await app.RunAsync();
return 0;

static Task Missing(HttpContext http)
{
    http.Response.StatusCode = StatusCodes.Status404NotFound;
    return Task.CompletedTask;
}
