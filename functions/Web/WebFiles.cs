using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using TodoFlow.Infrastructure.Realtime;

namespace TodoFlow.Functions.Web;

/// <summary>
/// The files of the web app, as its build wrote them. Those below <c>/assets</c> have a hash of their content in their names, so they are
/// kept for a year; the others are asked for again by their entity tags. A file that the build has packed too (<c>.br</c>, <c>.gz</c>) is
/// sent packed where the client accepts that.
/// </summary>
/// <remarks>The files are looked up with each request: <c>./todoflow up</c> may finish building them after the host has started.</remarks>
public sealed class WebFiles : IDisposable
{
    private const string Index = "/index.html";
    private const string Assets = "/assets/";

    private static readonly (string Coding, string Extension)[] Packed = [("br", ".br"), ("gzip", ".gz")];

    // What is no page of the app, whoever asks.
    private static readonly PathString[] Elsewhere = ["/api", "/health", "/metrics", "/hubs", "/assets"];

    private readonly FileExtensionContentTypeProvider _contentTypes = new();
    private readonly PhysicalFileProvider? _files;
    private readonly string _policy;

    /// <summary>Takes the folder from the settings; without one that is there, nothing is found.</summary>
    public WebFiles(IOptions<WebSettings> settings, IOptions<RealtimeSettings> realtime, IEnumerable<AzureSignalRConnection> services)
    {
        var root = Path.GetFullPath(settings.Value.Root ?? Path.Combine(AppContext.BaseDirectory, "wwwroot"));
        _files = Directory.Exists(root) ? new(root) : null;
        _contentTypes.Mappings.Remove(".gz");
        IEnumerable<string?> hubs = [realtime.Value.PublicUrl?.GetLeftPart(UriPartial.Authority), .. services.Select(service => service.ClientEndpoint)];
        var elsewhere = string.Concat(hubs.OfType<string>().Select(hub => $" {hub} ws{hub["http".Length..]}"));
        _policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            + $"connect-src 'self'{elsewhere}; " // and so ws: and wss: of this origin (CSP level 3)
            + "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    }

    /// <summary>
    /// The file at the address of a request, or the app's one page where a browser goes to an address of its own; 304 where the client has it.
    /// Null where there is nothing of the app.
    /// </summary>
    public IResult? Find(HttpRequest request)
    {
        var path = request.Path.Value is { } asked and not ("" or "/") ? asked : Index;
        return Find(request, path) ?? (IsPage(request) ? Find(request, Index) : null);
    }

    /// <inheritdoc/>
    public void Dispose() => _files?.Dispose();

    // The provider finds nothing outside of its folder, and nothing hidden.
    private PhysicalFileHttpResult? Find(HttpRequest request, string path) =>
        _files?.GetFileInfo(path) is { Exists: true, IsDirectory: false } file && _contentTypes.TryGetContentType(path, out var contentType)
            ? Response(request, path, file, contentType)
            : null;

    private PhysicalFileHttpResult Response(HttpRequest request, string path, IFileInfo file, string contentType)
    {
        var headers = request.HttpContext.Response.Headers;
        headers.CacheControl = path.StartsWith(Assets, StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        headers.ContentSecurityPolicy = _policy; // that of a worker is its script's
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        foreach (var (coding, extension) in Packed)
        {
            if (Accepts(request, coding) && _files!.GetFileInfo(path + extension) is { Exists: true, IsDirectory: false } packed)
            {
                headers.ContentEncoding = coding;
                file = packed;
                break;
            }
        }

        // As the framework's own middleware tags static files.
        var tag = (file.LastModified.ToFileTime() ^ file.Length).ToString("x", CultureInfo.InvariantCulture);
        return TypedResults.PhysicalFile(
            file.PhysicalPath!,
            contentType.StartsWith("text/", StringComparison.Ordinal) ? $"{contentType}; charset=utf-8" : contentType,
            lastModified: file.LastModified,
            entityTag: new EntityTagHeaderValue($"\"{tag}\""));
    }

    private static bool Accepts(HttpRequest request, string coding) =>
        request.GetTypedHeaders().AcceptEncoding.Any(one => one.Value.Equals(coding, StringComparison.OrdinalIgnoreCase) && one.Quality is null or > 0);

    // Programs, which ask for anything or for JSON, get a problem there.
    private static bool IsPage(HttpRequest request) =>
        !Array.Exists(Elsewhere, path => request.Path.StartsWithSegments(path))
        && request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase) && type.Quality is null or > 0);
}
