using System.Text;
using System.Text.RegularExpressions;
using TodoFlow.Tests.Support;

namespace TodoFlow.Tests.Contract.Hosts;

/// <summary>A line of requests.txt, whose references are filled from the responses before it.</summary>
internal sealed partial record HostRequest(string Verb, string Path, string? User, IReadOnlyList<(string Name, string Value)> Headers, string Body, string? Name)
{
    /// <summary>All of them, in order.</summary>
    public static IReadOnlyList<HostRequest> All { get; } =
        [.. Repository.Read("tests/Contract/Hosts/requests.txt").Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(Parse)];

    /// <summary>Sends it and keeps the response under its name.</summary>
    public async Task<ApiAnswer> Send(ApiClient client, Dictionary<string, ApiAnswer> answers)
    {
        client.Token = User is null ? null : answers[User].Text("access_token");
        using var body = Body.Length == 0 ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(Fill(Body, answers)));
        var type = Headers.FirstOrDefault(header => header.Name == "Content-Type").Value ?? "application/json";
        body?.Headers.TryAddWithoutValidation("Content-Type", type);
        var headers = Headers.Where(header => header.Name != "Content-Type").Select(header => (header.Name, Fill(header.Value, answers)));
        var answer = await client.Send(new HttpMethod(Verb), Fill(Path, answers), body, [.. headers]);
        if (Name is not null)
        {
            answers[Name] = answer;
        }

        return answer;
    }

    private static HostRequest Parse(string line)
    {
        var match = Line().Match(line);
        if (!match.Success)
        {
            throw new FormatException($"requests.txt has a line that is no request: {line}");
        }

        var headers = match.Groups["header"].Captures.Select(header => header.Value.Split(": ", 2)).Select(header => (header[0], header[1]));
        return new HostRequest(
            match.Groups["verb"].Value, match.Groups["path"].Value, Optional("user"), [.. headers], match.Groups["body"].Value, Optional("name"));

        string? Optional(string group) => match.Groups[group] is { Success: true } found ? found.Value : null;
    }

    private static string Fill(string text, Dictionary<string, ApiAnswer> answers) => Reference().Replace(text, reference =>
    {
        var answer = answers[reference.Groups["name"].Value];
        var part = reference.Groups["part"].Value;
        return (reference.Groups["kind"].Value == "." ? answer[part]?.ToString() : answer.Header(part))
            ?? throw new InvalidOperationException($"{answer.Request} gave no {part}.");
    });

    [GeneratedRegex(@"^(?<verb>[A-Z]+) (?<path>/\S*)( @(?<user>\w+))?( \[(?<header>[A-Za-z-]+: [^\]]*)\])*( (?<body>[^>].*?))?( > (?<name>\w+))?$")]
    private static partial Regex Line();

    [GeneratedRegex(@"\$(?<name>[a-z]+)(?<kind>[.!])(?<part>[A-Za-z_-]+)")]
    private static partial Regex Reference();
}
