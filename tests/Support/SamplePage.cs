using System.IO.Compression;

namespace TodoFlow.Tests.Support;

/// <summary>A small web app, as the real one's build writes it: a page, a service worker, and files whose names have a hash, packed as well.</summary>
public static class SamplePage
{
    /// <summary>The text of the page.</summary>
    public const string Index = "<!doctype html><title>The page</title><script type=\"module\" src=\"/assets/app-1a2b3c4d.js\"></script>";

    /// <summary>The text of the script.</summary>
    public static string Script { get; } = string.Concat(Enumerable.Repeat("console.log('äöü');\n", 200));

    private static readonly Lazy<string> Written = new(Write);

    /// <summary>Its folder, made with the first call.</summary>
    public static string Root => Written.Value;

    private static string Write()
    {
        var root = Path.Combine(AppContext.BaseDirectory, $"page-{Guid.NewGuid():N}");
        var script = Path.Combine(Directory.CreateDirectory(Path.Combine(root, "assets")).FullName, "app-1a2b3c4d.js");
        File.WriteAllText(Path.Combine(root, "index.html"), Index);
        File.WriteAllText(Path.Combine(root, "sw.js"), "self.addEventListener('fetch', () => {});\n");
        File.WriteAllText(Path.Combine(root, "manifest.webmanifest"), "{\"name\":\"TodoFlow\"}\n");
        File.WriteAllText(Path.Combine(root, "icon.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
        File.WriteAllText(Path.Combine(root, ".hidden.html"), "hidden");
        File.WriteAllText(Path.Combine(root, "..", Path.GetFileName(root) + ".html"), "outside");
        File.WriteAllText(script, Script);
        Pack(script, ".gz", file => new GZipStream(file, CompressionLevel.Optimal));
        Pack(script, ".br", file => new BrotliStream(file, CompressionLevel.Optimal));
        return root;
    }

    private static void Pack(string file, string extension, Func<Stream, Stream> pack)
    {
        using var packed = pack(File.Create(file + extension));
        packed.Write(File.ReadAllBytes(file));
    }
}
