using System.Text.Json.Serialization;

namespace TodoFlow.Domain.Problems;

/// <summary>
/// What went wrong, as a client sees it: an RFC 9457 problem with a stable <c>code</c> and one entry for each bad field.
/// </summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">A stable name that programs may branch on, snake_case.</param>
/// <param name="Detail">What happened and how to mend it, for people.</param>
public sealed record Problem(int Status, string Code, string Detail)
{
    /// <summary>Every field that is wrong, in the order of the request.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FieldError>? Errors { get; init; }

    /// <summary>The resource as it stands, where the client acted on an older one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public object? Current { get; init; }

    /// <summary>The quota that does not allow more.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public QuotaLimit? Quota { get; init; }

    /// <summary>How long to wait before another try, for the <c>Retry-After</c> header.</summary>
    [JsonIgnore]
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What the <c>WWW-Authenticate</c> header asks for (RFC 6750 section 3); null where there is none.</summary>
    [JsonIgnore]
    public string? Challenge { get; init; } = Status == 401 ? "Bearer" : null;

    /// <summary>The <see cref="Challenge"/> to a request whose token does not serve.</summary>
    public const string InvalidToken = "Bearer error=\"invalid_token\"";

    /// <summary>401: the token is valid, but its account was deleted.</summary>
    public static Problem AccountGone { get; } =
        new(401, "account_gone", "The account of this token no longer exists.") { Challenge = InvalidToken };

    /// <summary>403: the token is valid, but not made for this.</summary>
    /// <param name="scope">The scope that is missing.</param>
    public static Problem InsufficientScope(string scope) =>
        new(403, "insufficient_scope", $"This token may not do that: it lacks the scope {scope}.") { Challenge = $"Bearer error=\"insufficient_scope\", scope=\"{scope}\"" };

    /// <summary>400: fields of the request are wrong; all of them are named.</summary>
    public static Problem Invalid(params IReadOnlyList<FieldError> errors) =>
        new(400, "invalid_request", errors.Count == 1 ? $"{errors[0].Field} {errors[0].Message}." : $"{errors.Count} fields are wrong.") { Errors = errors };

    /// <summary>400: one field is wrong.</summary>
    public static Problem Invalid(string field, string message) => Invalid(new FieldError(field, message));

    /// <summary>404: it does not exist, or belongs to somebody else: the response is the same.</summary>
    public static Problem NotFound(string what) => new(404, $"{what}_not_found", $"There is no such {what.Replace('_', ' ')}.");

    /// <summary>409: the request contradicts what is stored.</summary>
    public static Problem Conflict(string code, string detail) => new(409, code, detail);

    /// <summary>This problem as an exception.</summary>
    public ProblemException AsException() => new(this);
}

/// <summary>A field of a request that is wrong.</summary>
/// <param name="Field">Its name as sent, nested ones with dots: <c>filters.tags</c>; a header or query parameter by its name.</param>
/// <param name="Message">What is expected of it; reads on from the field's name.</param>
public sealed record FieldError(string Field, string Message);

/// <summary>How much one user may have of something.</summary>
/// <param name="Name">What it is, snake_case.</param>
/// <param name="Limit">How much.</param>
public sealed record QuotaLimit(string Name, long Limit);

/// <summary>Ends an invocation with a <see cref="Problems.Problem"/>; a middleware writes it.</summary>
public sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    /// <summary>What the client is told.</summary>
    public Problem Problem { get; } = problem;
}
