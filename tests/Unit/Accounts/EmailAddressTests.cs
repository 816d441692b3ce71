using TodoFlow.Domain.Accounts;
using Xunit;

namespace TodoFlow.Tests.Unit.Accounts;

/// <summary>What is taken for an e-mail address.</summary>
public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("ada@example.com", "ada@example.com")]
    [InlineData("  Ada.Lovelace+tasks@Example.CO.uk\t", "ada.lovelace+tasks@example.co.uk")]
    [InlineData("o'brien_x=y@a-b.example", "o'brien_x=y@a-b.example")]
    [InlineData("Jürgen@Müller.example", "jürgen@müller.example")]
    [InlineData("demo@todoflow.local", "demo@todoflow.local")]
    public void An_address_is_found_in_lower_case(string text, string normalized)
    {
        Assert.True(EmailAddress.TryParse(text, out var email));
        Assert.Equal(normalized, email.Normalized);
        Assert.Equal(text.Trim(), email.Address);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("ada")]
    [InlineData("ada@")]
    [InlineData("@example.com")]
    [InlineData("ada@example")]
    [InlineData("ada@example.")]
    [InlineData("ada@.com")]
    [InlineData("ada@exa mple.com")]
    [InlineData("a da@example.com")]
    [InlineData("ada@-example.com")]
    [InlineData("ada@example-.com")]
    [InlineData("ada@exa_mple.com")]
    [InlineData(".ada@example.com")]
    [InlineData("ada.@example.com")]
    [InlineData("a..da@example.com")]
    [InlineData("ada@bob@example.com")]
    [InlineData("Ada <ada@example.com>")]
    [InlineData("\"ada\"@example.com")]
    [InlineData("ada@[127.0.0.1]")]
    [InlineData("ada\0@example.com")]
    [InlineData("ada@example.com\r\nBcc: bob@example.com")]
    [InlineData("ada,bob@example.com")]
    public void Anything_else_is_none(string text) => Assert.False(EmailAddress.TryParse(text, out _));

    [Fact]
    public void An_address_has_at_most_254_characters_64_of_them_local_and_63_in_a_label()
    {
        var local = new string('a', 64);
        var longest = $"{local}@{new string('b', 63)}.{new string('c', 63)}.{new string('d', 58)}.ee"; // 254
        Assert.Equal(254, longest.Length);
        Assert.True(EmailAddress.TryParse(longest, out _));
        Assert.False(EmailAddress.TryParse(longest + "e", out _));
        Assert.False(EmailAddress.TryParse($"a{local}@example.com", out _));
        Assert.False(EmailAddress.TryParse($"a@{local}.com", out _));
    }
}
