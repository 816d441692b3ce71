using Microsoft.AspNetCore.Http;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Accounts;

/// <summary>The answer of the functions that give out tokens.</summary>
internal static class SignInAnswers
{
    /// <summary>A pair of tokens.</summary>
    public static IResult SignedIn(TokenResponse tokens, int status = StatusCodes.Status200OK) =>
        new Answer<TokenResponse>(tokens, TodoFlowJson.Wire.TokenResponse) { Status = status, IsSecret = true };
}
