using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using TodoFlow.Functions.Http;

namespace TodoFlow.Functions.OpenApi;

/// <summary>A file that stays the same as long as this version runs. It is kept compressed, and sent so where the client allows it.</summary>
internal sealed class CompressedFile
{
    private readonly string _contentType;
    private readonly byte[] _gzip;
    private readonly string _tag;

    private CompressedFile(string contentType, byte[] gzip)
    {
        _contentType = contentType;
        _gzip = gzip;
        _tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(gzip).AsSpan(0, 8))}\"";
    }

    /// <summary>A file from its bytes.</summary>
    public static CompressedFile From(string contentType, ReadOnlySpan<byte> content)
    {
        using var kept = new MemoryStream();
        using (var gzip = new GZipStream(kept, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return new(contentType, kept.ToArray());
    }

    /// <summary>A file from a resource, which may be compressed already.</summary>
    public static CompressedFile From(string contentType, Stream resource)
    {
        using var bytes = new MemoryStream();
        resource.CopyTo(bytes);
        var content = bytes.ToArray();
        return content is [0x1F, 0x8B, ..] ? new(contentType, content) : From(contentType, content); // RFC 1952 section 2.3.1
    }

    /// <summary>Answers 200 with the file, or 304 where the client has it.</summary>
    public IResult Answer(HttpRequest request) => new Answered(this, request.HasAlready(_tag));

    private static bool AllowsGzip(HttpRequest request) => request.GetTypedHeaders().AcceptEncoding
        .Any(coding => coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && coding.Quality is null or > 0);

    private sealed class Answered(CompressedFile file, bool notModified) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.Headers.ETag = $"W/{file._tag}"; // one tag for both codings
            response.Headers.Vary = HeaderNames.AcceptEncoding;
            if (notModified)
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }

            response.ContentType = file._contentType;
            if (AllowsGzip(httpContext.Request))
            {
                response.Headers.ContentEncoding = "gzip";
                response.ContentLength = file._gzip.Length;
                await response.Body.WriteAsync(file._gzip, httpContext.RequestAborted);
                return;
            }

            await using var content = new GZipStream(new MemoryStream(file._gzip), CompressionMode.Decompress);
            await content.CopyToAsync(response.Body, httpContext.RequestAborted);
        }
    }
}
