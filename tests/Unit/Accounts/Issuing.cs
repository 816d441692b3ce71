using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NSubstitute;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Unit.Accounts;

/// <summary>The issuer of this service with keys of a test's, under the test's clock, and what validates its tokens.</summary>
internal sealed class Issuing
{
    public const string KeyText = "the first key, of 32 bytes or more";

    private readonly AuthSettings _settings = new() { AccessTokenLifetime = TimeSpan.FromMinutes(15) };

    public Issuing(FakeClock clock, params (string Id, string Key)[] keys)
    {
        foreach (var (id, key) in keys)
        {
            _settings.SigningKeys.Add(new SigningKeySettings { Id = id, Key = key });
        }

        Issuer = new LocalIssuer(Options.Create(_settings), clock);
        var users = new ExternalUsers(Substitute.For<IDbContextFactory<TodoFlowDb>>(), clock);
        Tokens = new AccessTokens(Issuer, new ExternalIssuer(Options.Create(_settings), clock, users), new PersonalTokens(null!, null!, Options.Create(_settings), clock)); // of those no test here sends one
    }

    public LocalIssuer Issuer { get; }

    public AccessTokens Tokens { get; }

    public Task<AccessTokenSubject> Validate(string token) => Tokens.Validate(token, CancellationToken.None).AsTask();

    public async Task Refuses(string token, string code = "token_invalid")
    {
        var problem = (await Assert.ThrowsAsync<ProblemException>(() => Validate(token))).Problem;
        Assert.Equal((401, code), (problem.Status, problem.Code));
        Assert.Equal("Bearer error=\"invalid_token\"", problem.Challenge);
    }
}
