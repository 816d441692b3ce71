using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Memory;

namespace TodoFlow.Functions.Http;

/// <summary>Reads requests; everything that is wrong with one ends as a 4xx problem.</summary>
public static class RequestReading
{
    /// <summary>The largest body, in bytes.</summary>
    public const int MaxBody = 1024 * 1024;

    // What a request says of its length is not believed beyond this: the buffer grows with what comes.
    private const int FirstBuffer = 16 * 1024;

    /// <summary>Reads the JSON body as a <typeparamref name="T"/>.</summary>
    /// <exception cref="ProblemException">415, 413, or 400 that names the position in malformed JSON or each bad field.</exception>
    public static async Task<T> ReadValid<T>(this HttpRequest request, CancellationToken ct)
        where T : class
    {
        using var json = Parse(await request.ReadJson(ct));
        var errors = new List<FieldError>();
        var read = RequestContract.Of(typeof(T)).Read(json.RootElement, "", errors);
        return errors.Count == 0 ? (T)read : throw Problem.Invalid(errors).AsException();
    }

    /// <summary>Reads a body that somebody else parses as JSON.</summary>
    /// <exception cref="ProblemException">415 or 413; 400 where it is not UTF-8.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadJson(this HttpRequest request, CancellationToken ct) => RequireJson(request, await request.ReadBody(ct));

    /// <summary>Reads the body as a <typeparamref name="T"/>: JSON, or what the form of a page of ours sends.</summary>
    /// <exception cref="ProblemException">As <see cref="ReadValid{T}"/>.</exception>
    public static async Task<T> ReadValidOrForm<T>(this HttpRequest request, CancellationToken ct)
        where T : class
    {
        if (!request.IsForm())
        {
            return await request.ReadValid<T>(ct);
        }

        var body = await request.ReadBody(ct);
        var fields = QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body.Span));
        return Read<T>(field => fields.TryGetValue(field.Name, out var texts) && texts.Count > 0 ? ToJson(field.ValueType, texts[^1]) : default);
    }

    /// <summary>Whether the body is what a page's form sends.</summary>
    public static bool IsForm(this HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Reads the query string as a <typeparamref name="T"/>. A list is a parameter that is repeated, or has commas that are not encoded; of
    /// one that is no list the last counts.
    /// </summary>
    /// <exception cref="ProblemException">400 that names each bad parameter.</exception>
    public static T ReadQuery<T>(this HttpRequest request)
        where T : class =>
        Read<T>(field => !request.Query.TryGetValue(field.Name, out var texts) || texts.Count == 0 ? default
            : field.ValueType.IsArray ? JsonSerializer.SerializeToElement(ReadList(request, field.Name))
            : ToJson(field.ValueType, texts[^1]));

    /// <summary>The route value <paramref name="name"/>, which its constraint keeps a UUID.</summary>
    public static Guid RouteId(this HttpRequest request, string name = "id") =>
        Guid.TryParse(Convert.ToString(request.RouteValues[name], CultureInfo.InvariantCulture), out var id)
            ? id
            : throw Problem.Invalid(name, "must be a UUID").AsException();

    /// <summary>The body's bytes. May be called again in the same invocation.</summary>
    /// <param name="request">The request.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <param name="max">How many they may be.</param>
    /// <exception cref="ProblemException">413 over <paramref name="max"/>; 415 for a compressed one; 503 where the process holds as many bytes as it may.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadBody(this HttpRequest request, CancellationToken ct, int max = MaxBody)
    {
        if (request.HttpContext.Items.TryGetValue(typeof(RequestReading), out var kept))
        {
            return (ReadOnlyMemory<byte>)kept!;
        }

        if (request.Headers.ContentEncoding.Any(encoding => !string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase)))
        {
            throw new Problem(415, "unsupported_encoding", "Send the body as it is, without Content-Encoding.").AsException(); // RFC 9110 section 15.5.16
        }

        if (request.ContentLength > max)
        {
            throw TooLarge(max);
        }

        var memory = request.HttpContext.RequestServices?.GetService<RequestBytes>(); // none where only this is tested
        var buffer = new ArrayBufferWriter<byte>((int)Math.Min(request.ContentLength + 1 ?? 1024, FirstBuffer));
        int read;
        while ((read = await request.Body.ReadAsync(buffer.GetMemory(1), ct)) > 0)
        {
            buffer.Advance(read);
            memory?.Take(read);
            if (buffer.WrittenCount > max)
            {
                throw TooLarge(max);
            }
        }

        var body = buffer.WrittenMemory;
        request.HttpContext.Items[typeof(RequestReading)] = body;
        return body;
    }

    private static T Read<T>(Func<RequestField, JsonElement> find)
    {
        var errors = new List<FieldError>();
        var read = RequestContract.Of(typeof(T)).Read(find, "", errors);
        return errors.Count == 0 ? (T)read : throw Problem.Invalid(errors).AsException();
    }

    // Split before it is decoded: %2C is part of an entry.
    private static List<string> ReadList(HttpRequest request, string name)
    {
        var entries = new List<string>();
        foreach (var parameter in new QueryStringEnumerable(request.QueryString.Value))
        {
            if (parameter.DecodeName().Span.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                entries.AddRange(parameter.EncodedValue.ToString().Split(',')
                    .Select(entry => Uri.UnescapeDataString(entry.Replace('+', ' ')).Trim()).Where(entry => entry.Length > 0));
            }
        }

        return entries;
    }

    // A text that is not of the type stays one, so that reading it names the parameter.
    private static JsonElement ToJson(Type type, string? text) => text switch
    {
        "true" or "false" when type == typeof(bool) => JsonSerializer.SerializeToElement(text == "true"),
        _ when type == typeof(int) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) =>
            JsonSerializer.SerializeToElement(number),
        _ => JsonSerializer.SerializeToElement(text),
    };

    private static ReadOnlyMemory<byte> RequireJson(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !IsJson(type))
        {
            throw new Problem(415, "unsupported_media_type", "Send the body as application/json, in UTF-8.").AsException();
        }

        if (body.Span.StartsWith("\uFEFF"u8))
        {
            body = body[3..];
        }

        return Utf8.IsValid(body.Span)
            ? body
            : throw new Problem(400, "invalid_utf8", "The body is not valid UTF-8.").AsException();
    }

    private static bool IsJson(MediaTypeHeaderValue type) =>
        (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            || type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase));

    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (body.Length == 0)
        {
            throw Problem.Invalid("body", "is required").AsException();
        }

        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException error)
        {
            var (line, position) = (error.LineNumber + 1, error.BytePositionInLine + 1);
            throw new Problem(400, "malformed_json", $"The body is not valid JSON at line {line}, position {position}.")
            {
                Errors = [new("body", $"is not valid JSON at line {line}, position {position}")],
            }.AsException();
        }
    }

    private static ProblemException TooLarge(int max) =>
        new Problem(413, "body_too_large", $"The body is larger than {max} bytes.").AsException();
}
