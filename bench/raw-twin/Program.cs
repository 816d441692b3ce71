using System.Globalization;
using System.Net;
using Npgsql;
using TodoFlow.RawTwin;

// The practical limit that TodoFlow is measured against: the same routes over the same tables or over those of a neutral schema, or the same
// messages to the same devices, with nothing in between. No token is checked (the user is the header X-User), no field is validated, no
// event is announced.
var builder = WebApplication.CreateEmptyBuilder(new());
switch (args)
{
    case ["tasks" or "neutral", var connection, var port]:
        Listen(port);
        var settings = new NpgsqlConnectionStringBuilder(connection) { MaxAutoPrepare = 100, AutoPrepareMinUsages = 1, NoResetOnClose = true };
        await using (var database = NpgsqlDataSource.Create(settings))
        await using (var app = builder.Build())
        {
            app.Run(args[0] == "tasks" ? new RequestDelegate(new RawTasks(database).Serve) : new NeutralTasks(database).Serve);
            await app.RunAsync();
        }

        return 0;
    case ["hub", var port]:
        Listen(port);
        await using (var app = RawHub.Build(builder))
        {
            await app.RunAsync();
        }

        return 0;
    default:
        await Console.Error.WriteLineAsync("TodoFlow.RawTwin tasks|neutral <connection string> <port> | hub <port>");
        return 2;
}

void Listen(string port) => builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Listen(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture));
});
