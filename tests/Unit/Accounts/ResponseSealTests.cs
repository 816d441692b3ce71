using System.Security.Cryptography;
using TodoFlow.Functions.Http;
using Xunit;

namespace TodoFlow.Tests.Unit.Accounts;

/// <summary>A sealed answer opens to the same request, whole, and to nothing else.</summary>
public sealed class ResponseSealTests
{
    private static readonly byte[] Scope = [1, 2, 3];

    [Fact]
    public void Only_the_same_request_opens_it()
    {
        var (digest, seal) = ResponseSeal.Derive("the request"u8, Scope, "key");
        var closed = seal.Close("the response"u8);
        var (again, same) = ResponseSeal.Derive("the request"u8, Scope, "key");
        Assert.Equal(digest, again);
        Assert.Equal("the response"u8.ToArray(), same.Open(closed));
        Assert.NotEqual(closed, seal.Close("the response"u8)); // a nonce of its own each time

        foreach (var (otherDigest, other) in new[]
        {
            ResponseSeal.Derive("the Request"u8, Scope, "key"),
            ResponseSeal.Derive("the request"u8, [1, 2], "key"),
            ResponseSeal.Derive("the request"u8, Scope, "Key"),
        })
        {
            Assert.NotEqual(digest, otherDigest);
            Assert.ThrowsAny<CryptographicException>(() => other.Open(closed));
        }

        closed[^1] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => same.Open(closed));
    }
}
