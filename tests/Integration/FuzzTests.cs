using System.Globalization;
using System.Net.Sockets;
using System.Text;
using TodoFlow.Tests.Support;
using TodoFlow.Tests.Support.FunctionsHost;
using Xunit;
using Xunit.Abstractions;

namespace TodoFlow.Tests.Integration;

/// <summary>Generated requests to the standalone host, as many as <c>TODOFLOW_TEST_FUZZ</c> says; 5,000 by default.</summary>
public sealed class FuzzTests(TestApp app, ITestOutputHelper output) : FuzzTest(app, output, Requests), IClassFixture<TestApp>
{
    private static int Requests => int.Parse(Environment.GetEnvironmentVariable("TODOFLOW_TEST_FUZZ") ?? "5000", CultureInfo.InvariantCulture);
}

/// <summary>1,000 to the worker under the double of the Functions host.</summary>
[Collection(FunctionsHostTests.Name)]
public sealed class FunctionsHostFuzzTests(FunctionsApp app, ITestOutputHelper output) : FuzzTest(app, output, requests: 1_000);

/// <summary>
/// Generated requests of two users, written to the socket byte by byte, against every route: none gets a 5xx, and none the other user's data.
/// </summary>
public abstract class FuzzTest(TestApp app, ITestOutputHelper output, int requests)
{
    // So many are on their way at once.
    private const int Senders = 4;

    private static readonly string[] Fields =
        ["id", "title", "description", "priority", "tags", "due_date", "time_zone", "recurrence", "recurrence_basis", "reminder_offset", "version", "status",
         "query", "filters", "sort_by", "order", "limit", "offset", "email", "password", "refresh_token", "completed_at", "count", "anchor_date", "unknown", "\\ud800", "\\u0074itle"];

    private static readonly string[] Values =
        ["null", "true", "0", "-1", "5", "1e400", "-1e-400", "99999999999999999999999999999", "9223372036854775807", "0.1", "\"\"", "\" \"", "\"x\"",
         "\"a\\u0000b\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"😀‮\u0301\"", "\"2026-03-01\"", "\"2026-03-01T10:00:00Z\"", "\"0001-01-01\"", "\"9999-12-31T23:59:59.999999999-14:00\"",
         "\"0001-01-02T00:00:00+14:00\"", "\"2026-02-30T25:61:61Z\"", "\"high\"", "\"daily\"", "\"FREQ=SECONDLY;COUNT=1000000000\"", "\"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31\"",
         "\"Europe/Berlin\"", "\"../../etc/passwd\"", "\"P1Y\"", "\"15 minutes\"", "\"-5 days\"", "[]", "{}", "[null]", "[1,\"x\"]", "[\"x\",\"x\"]", "[[[[[[]]]]]]", "{\"a\":{\"b\":[]}}",
         "\"completed\"", "\"due_date\"", "\"asc\"", "\"' or 1=1 --\"", "\"%\\\\_\"", "\"a & b | ! <-> :* \\\"\"", "\"alice@example.com\"", "\"correct horse battery\""];

    private static readonly string[] Texts =
        ["", "x", "-1", "0", "201", "99999999999999999999", "%00", "%ff%fe", "%ed%a0%80", "%F0%9F%98%80", "a,b", ",,,", "2026-03-01", "2026-13-01T00:00:00Z", "true", "asc", "due_date",
         "high", "pending", "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTE", "bnVsbA", "'%20or%201=1", "%2e%2e%2f", "+", "%"];

    private static readonly string[] Parameters =
        ["status", "priority", "tags", "tags_any", "due_before", "due_after", "overdue", "updated_after", "sort_by", "order", "limit", "offset", "cursor", "count", "x", "task_id"];

    private static readonly string[] Headers =
        ["If-Match", "If-None-Match", "Idempotency-Key", "X-Correlation-Id", "Content-Type", "Accept", "Authorization", "Range", "Expect", "Accept-Encoding", "Content-Encoding", "traceparent", "X-Forwarded-For", "Origin"];

    private static readonly string[] HeaderValues =
        ["", "*", "\"1\"", "W/\"1\"", "\"1\", \"2\"", "1", "\"", ",,,", "application/json", "application/json; charset=utf-7", "text/html", "Bearer", "Bearer x.y.z", "Basic YTpi",
         "bytes=0-", "gzip", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-zz", "a\tb", "é", "%00", "<script>", "127.0.0.1, ::1", "999.999.999.999", "0123456789012345678901234567890123456789"];

    [Fact]
    public async Task No_request_gets_a_5xx_or_another_users_data()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("TODOFLOW_TEST_SEED") ?? Random.Shared.Next().ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        output.WriteLine($"TODOFLOW_TEST_SEED={seed}");
        using var alice = await SignUp("alice");
        using var bob = await SignUp("bob");
        var routes = app.Routes.Where(route => route is not ("DELETE", "api/me" or "api/sessions")).ToList(); // they would end the users in the middle
        var seen = new int[600];
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            var random = new Random(seed + sender);
            for (var i = sender; i < requests; i += Senders)
            {
                var (method, route) = routes[i / 2 % routes.Count];
                var (user, other) = i / Senders % 2 == 0 ? (alice, bob) : (bob, alice);
                var request = Generate(random, random.Next(20) == 0 ? "PATCH" : method, route, user.Client.Token!, user.Own, other.Kept);
                var (status, answer) = await Send(request);

                Assert.True(status is >= 200 and < 500, $"Request {i} of seed {seed} got {status}:\n{Encoding.Latin1.GetString(request)}\n\n{answer}");
                Assert.False(answer.Contains(other.Secret, StringComparison.OrdinalIgnoreCase), $"Request {i} of seed {seed} got the other user's data:\n{Encoding.Latin1.GetString(request)}\n\n{answer}");
                Interlocked.Increment(ref seen[status]);
            }
        })));

        output.WriteLine($"{requests} requests: " + string.Join(", ", seen.Index().Where(status => status.Item > 0).Select(status => $"{status.Index}: {status.Item}")));
        Assert.True(seen[200] + seen[201] > requests / 50, "Hardly any request was a good one: the generator is off.");
        foreach (var user in new[] { alice, bob })
        {
            Assert.Equal("\"1\"", (await user.Client.Get($"/api/tasks/{user.Kept}")).Is(200).Header("ETag")); // which only the other one tried to change
        }
    }

    private async Task<FuzzUser> SignUp(string name)
    {
        var client = await app.SignUp();
        var secret = $"the-secret-of-{name}";
        var tasks = new List<Guid>();
        foreach (var which in new[] { "own", "kept" })
        {
            tasks.Add((await client.Post("/api/tasks", new
            {
                title = $"{secret} {which}",
                description = secret,
                tags = new[] { secret },
                due_date = "2090-01-01T10:00:00Z",
                reminder_offset = "1 day",
            })).Is(201).Id);
        }

        return new FuzzUser(client, secret, tasks[0], tasks[1]);
    }

    /// <param name="Client">The user's client.</param>
    /// <param name="Secret">What stands in the user's tasks.</param>
    /// <param name="Own">A task that the user's requests are about.</param>
    /// <param name="Kept">A task that the other user's requests are about.</param>
    private sealed record FuzzUser(ApiClient Client, string Secret, Guid Own, Guid Kept) : IDisposable
    {
        public void Dispose() => Client.Dispose();
    }

    private byte[] Generate(Random random, string method, string route, string token, Guid own, Guid foreign)
    {
        var id = random.Next(8) switch
        {
            0 => Texts[random.Next(1, Texts.Length)], // without the empty one: DELETE /api/sessions/ ends all of them
            1 => Guid.NewGuid().ToString(),
            2 or 3 => foreign.ToString(),
            _ => own.ToString(),
        };
        var path = "/" + string.Join('/', route.Split('/').Select(part => part.StartsWith('{') ? id : part));
        var query = random.Next(3) == 0 || method != "GET" && random.Next(4) > 0
            ? ""
            : "?" + string.Join('&', Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"{Pick(random, Parameters)}={Pick(random, Texts)}"));
        var body = method is "GET" && random.Next(10) > 0 ? [] : Body(random);
        var head = new StringBuilder($"{method} {path}{query} HTTP/1.1\r\nHost: {app.Address.Authority}\r\nConnection: close\r\n");
        if (random.Next(25) > 0)
        {
            head.Append($"Authorization: Bearer {token}\r\n");
        }

        if (random.Next(15) > 0)
        {
            head.Append("Content-Type: application/json\r\n");
        }

        for (var i = random.Next(3); i > 0; i--)
        {
            head.Append($"{Pick(random, Headers)}: {Pick(random, HeaderValues)}\r\n");
        }

        if (body.Length > 0)
        {
            head.Append($"Content-Length: {body.Length}\r\n");
        }

        return [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. body];
    }

    private static byte[] Body(Random random)
    {
        var text = random.Next(12) switch
        {
            0 => "",
            1 => Pick(random, Values),
            2 => new string('[', random.Next(1, 500)),
            _ => "{" + string.Join(',', Enumerable.Range(0, random.Next(0, 6)).Select(_ => $"\"{Pick(random, Fields)}\":{Pick(random, Values)}")
                .Concat(random.Next(2) == 0 ? ["\"title\":\"ok\""] : [])) + "}",
        };
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length > 0 && random.Next(12) == 0)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256); // breaks a quote, a brace or the UTF-8
        }

        return bytes;
    }

    private async Task<(int Status, string Answer)> Send(byte[] request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(app.Address.Host, app.Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(request);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answer = await reader.ReadToEndAsync();
        return (answer.Length > 12 ? int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture) : 0, answer);
    }

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}
