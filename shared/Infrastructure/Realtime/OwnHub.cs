using Microsoft.Extensions.Options;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Infrastructure.Realtime;

/// <summary>The standalone host's own hub, at <see cref="RealtimeHub.Path"/>.</summary>
public sealed class OwnHub(HubTokens tokens, IOptions<RealtimeSettings> settings) : IRealtimeEndpoint
{
    private readonly string? _publicUrl = settings.Value.PublicUrl?.AbsoluteUri.TrimEnd('/');

    /// <inheritdoc/>
    /// <exception cref="ProblemException">400: the request does not say whom it was sent to, and no setting does.</exception>
    public RealtimeConnection Invite(AccessTokenSubject subject, string origin)
    {
        if (_publicUrl is null && !Uri.TryCreate(origin, UriKind.Absolute, out _))
        {
            throw Problem.Invalid("Host", "must name this server").AsException();
        }

        return new($"{_publicUrl ?? origin}{RealtimeHub.Path}", tokens.Create(subject));
    }
}

/// <summary>Refuses to start where nothing could sign the hub's tokens.</summary>
internal sealed class HubKeyRequired(IOptions<AuthSettings> auth) : IValidateOptions<RealtimeSettings>
{
    public ValidateOptionsResult Validate(string? name, RealtimeSettings options) =>
        options.SigningKey is null && auth.Value.SigningKeys.Count == 0
            ? ValidateOptionsResult.Fail(
                "Realtime:SigningKey is not set: where only an external issuer signs people in, the hub's tokens need a key of their own, at least 32 bytes.")
            : ValidateOptionsResult.Success;
}
