using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

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

    /// <summary>200 with the file, or 304 where the client has it.</summary>
    public IResult Response(HttpRequest request)
    {
        var headers = request.HttpContext.Response.Headers;
        headers.Vary = HeaderNames.AcceptEncoding;
        var tag = new EntityTagHeaderValue(_tag, isWeak: true); // one tag for both codings
        if (!request.GetTypedHeaders().AcceptEncoding.Any(coding => coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && coding.Quality is null or > 0))
        {
            return TypedResults.Stream(new GZipStream(new MemoryStream(_gzip), CompressionMode.Decompress), _contentType, entityTag: tag);
        }

        headers.ContentEncoding = "gzip";
        return TypedResults.Bytes(_gzip, _contentType, entityTag: tag);
    }
}
