using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using TodoFlow.Domain.Problems;

namespace TodoFlow.Functions.Http;

/// <summary>Versions as entity tags (RFC 9110 sections 8.8.3 and 13.1).</summary>
public static class Preconditions
{
    /// <summary>The strong entity tag of a version.</summary>
    public static string ETag(long version) => $"\"{version}\"";

    /// <summary>Whether the request may act on a resource of this version: no <c>If-Match</c>, <c>*</c>, or one of its tags matches.</summary>
    /// <exception cref="ProblemException">400: the header is no list of entity tags.</exception>
    public static Func<long, bool> IfMatch(this HttpRequest request)
    {
        var header = request.Headers.IfMatch;
        if (header.Count == 0)
        {
            return _ => true;
        }

        if (!EntityTagHeaderValue.TryParseStrictList(header, out var tags) || tags.Count == 0)
        {
            throw Problem.Invalid("If-Match", "must be an entity tag such as \"3\", a list of them, or *").AsException();
        }

        return version => tags.Any(tag => tag.Tag == "*" || (!tag.IsWeak && tag.Tag == ETag(version)));
    }

    /// <summary>Whether the client already has this version (<c>If-None-Match</c>, compared weakly). A malformed header is ignored.</summary>
    public static bool HasAlready(this HttpRequest request, long version) => request.HasAlready(ETag(version));

    /// <summary>Whether the client already has what this entity tag names, given without <c>W/</c>.</summary>
    public static bool HasAlready(this HttpRequest request, string tag) =>
        request.Headers.IfNoneMatch.Count > 0
        && EntityTagHeaderValue.TryParseStrictList(request.Headers.IfNoneMatch, out var tags)
        && tags.Any(sent => sent.Tag == "*" || sent.Tag == tag);
}
