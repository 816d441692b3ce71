using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;

namespace TodoFlow.Functions.Http;

/// <summary>A small page for people who follow a link in a mail. It has no script and loads nothing; a form sends to its own address.</summary>
public sealed class HtmlPage : IResult
{
    private readonly string _title;
    private readonly string _content;

    private HtmlPage(string title, string content) => (_title, _content) = (title, content);

    /// <summary>A page that says something.</summary>
    public static HtmlPage Saying(string title, string text) => new(title, $"<p>{Encode(text)}</p>");

    /// <summary>A page with a button that does what the link is for: following a link alone changes nothing, since programs do that too.</summary>
    /// <param name="title">What it is about.</param>
    /// <param name="text">What the button does.</param>
    /// <param name="token">What the link held.</param>
    /// <param name="button">The button's label.</param>
    /// <param name="asksPassword">Whether a new password is asked for.</param>
    public static HtmlPage Asking(string title, string text, string token, string button, bool asksPassword = false)
    {
        var password = asksPassword
            ? """<p><label>New password: <input type="password" name="password" minlength="10" maxlength="200" autocomplete="new-password" required></label></p>"""
            : "";
        return new(title,
            $"""
            <p>{Encode(text)}</p>
            <form method="post"><input type="hidden" name="token" value="{Encode(token)}">{password}<p><button>{Encode(button)}</button></p></form>
            """);
    }

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var headers = httpContext.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer"; // the address holds the token
        headers.CacheControl = "no-store";
        return TypedResults.Content(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{Encode(_title)} - TodoFlow</title></head>
            <body><h1>{Encode(_title)}</h1>
            {_content}
            </body>
            </html>
            """,
            "text/html", Encoding.UTF8).ExecuteAsync(httpContext);
    }

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
