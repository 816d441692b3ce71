using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;

namespace TodoFlow.Tests.Integration.Transfer;

/// <summary>What tests of imports send.</summary>
internal static class ImportTest
{
    public static Task<ApiAnswer> Import(this ApiClient client, string type, string file, bool dryRun = false) => client.Import(type, Encoding.UTF8.GetBytes(file), dryRun);

    /// <param name="client">Who imports.</param>
    /// <param name="type">The media type.</param>
    /// <param name="file">The file.</param>
    /// <param name="dryRun">Whether nothing is to be stored.</param>
    /// <param name="expect">Whether it asks first, since a server may hang up on a client that is still sending what is too large.</param>
    public static Task<ApiAnswer> Import(this ApiClient client, string type, byte[] file, bool dryRun = false, bool expect = false)
    {
        var body = new ByteArrayContent(file);
        body.Headers.ContentType = new MediaTypeHeaderValue(type);
        return client.Send(HttpMethod.Post, $"/api/import{(dryRun ? "?dry_run=true" : "")}", body, expect ? [("Expect", "100-continue")] : []);
    }

    public static (int Created, int Unchanged, int Rejected) Counts(this ApiAnswer answer)
    {
        var json = answer.Is(200).Json;
        return ((int)json["created"]!, (int)json["unchanged"]!, (int)json["rejected"]!);
    }

    public static async Task<Dictionary<string, JsonNode>> Tasks(this ApiClient client) =>
        (await client.Get("/api/tasks?limit=200")).Is(200).Json.AsArray().ToDictionary(task => (string)task!["title"]!, task => task!);
}
