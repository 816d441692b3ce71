using System.Text;
using System.Text.RegularExpressions;
using TodoFlow.Tests.Support;

namespace TodoFlow.Tests.Contract.OpenApi;

/// <summary>The requests of an .http file: variables of the file, and of the responses of named requests (<c>{{login.response.body.$.id}}</c>).</summary>
internal sealed partial class RequestsFile
{
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ApiAnswer> _answers = new(StringComparer.Ordinal);

    public RequestsFile(string text, Uri host)
    {
        foreach (Match variable in Variable().Matches(text))
        {
            _variables[variable.Groups["name"].Value] = variable.Groups["value"].Value.Trim();
        }

        _variables["host"] = host.GetLeftPart(UriPartial.Authority);
        Requests = [.. Separator().Split(text).Skip(1).Select(Parse)];
    }

    public IReadOnlyList<FileRequest> Requests { get; }

    /// <summary>Gives a variable of the file a value, as somebody who edits it would.</summary>
    public void Set(string name, string value) => _variables[name] = value;

    /// <summary>Sends a request as an editor would, and keeps its response under its name.</summary>
    public async Task<(string Path, ApiAnswer Answer)> Send(FileRequest request, ApiClient client)
    {
        var url = new Uri(Fill(request.Url));
        var headers = request.Headers.Select(header => (header.Name, Fill(header.Value))).ToList();
        var contentType = headers.FirstOrDefault(header => header.Name == "Content-Type").Item2;
        using var content = request.Body.Length == 0 ? null : new StringContent(Fill(request.Body), Encoding.UTF8, contentType ?? "text/plain");
        var answer = await client.Send(
            HttpMethod.Parse(request.Verb), url.PathAndQuery, content, [.. headers.Where(header => header.Name != "Content-Type")]);
        if (request.Name is not null)
        {
            _answers[request.Name] = answer;
        }

        return (url.AbsolutePath, answer);
    }

    private static FileRequest Parse(string block)
    {
        var lines = block.Split('\n').Skip(1).ToList(); // the first is the rest of the separator
        var name = lines.Select(line => Named().Match(line)).FirstOrDefault(match => match.Success)?.Groups[1].Value;
        lines = [.. lines.SkipWhile(line => line.Length == 0 || line[0] == '#')];
        var headers = lines.Skip(1).TakeWhile(line => line.Length > 0).Select(line => line.Split(": ", 2)).Select(header => (header[0], header[1])).ToList();
        var start = lines[0].Split(' ', 2);
        return new FileRequest(name, start[0], start[1], headers, string.Join('\n', lines.Skip(1 + headers.Count)).Trim());
    }

    private string Fill(string text) => Reference().Replace(text, reference =>
    {
        var name = reference.Groups[1].Value;
        if (_variables.TryGetValue(name, out var value))
        {
            return value;
        }

        var parts = name.Split('.');
        if (parts.Length < 4 || parts[1] != "response" || !_answers.TryGetValue(parts[0], out var answer))
        {
            throw new InvalidOperationException($"Nothing before this request gives {{{{{name}}}}}.");
        }

        return parts[2] == "headers"
            ? answer.Header(parts[3]) ?? throw new InvalidOperationException($"{answer.Request} answered no {parts[3]}.")
            : parts[4..].Aggregate(parts[3] == "$[0]" ? answer.Json.AsArray().FirstOrDefault() : answer.Json, (node, field) => field.EndsWith("[0]", StringComparison.Ordinal) ? node?[field[..^3]]?[0] : node?[field])?.ToString()
                ?? throw new InvalidOperationException($"{answer.Request} answered nothing for {name}: {answer.Body}");
    });

    [GeneratedRegex(@"^@(?<name>\w+)\s*=(?<value>.*)$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex("^###", RegexOptions.Multiline)]
    private static partial Regex Separator();

    [GeneratedRegex(@"^#\s*@name\s+(\w+)")]
    private static partial Regex Named();

    [GeneratedRegex(@"\{\{([^}]+)\}\}")]
    private static partial Regex Reference();
}

/// <summary>One request of the file, its variables not filled in.</summary>
internal sealed record FileRequest(string? Name, string Verb, string Url, IReadOnlyList<(string Name, string Value)> Headers, string Body);
