using Microsoft.AspNetCore.Identity;
using TodoFlow.Domain.Accounts;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>Which passwords are taken, and when two are the same.</summary>
public sealed class PasswordRuleTests(TestApp app) : IClassFixture<TestApp>
{
    private const string Decomposed = "gru\u0308ne Scha\u0308nke am See"; // as macOS writes it
    private const string Composed = "gr\u00fcne Sch\u00e4nke am See";

    [Theory]
    [InlineData("1234567890")]
    [InlineData("password123")]
    [InlineData("PassWord123")]
    [InlineData("qwertyuiop")]
    [InlineData("Ada.Lovelace@example.com")]
    [InlineData("ada.lovelace")]
    public async Task What_is_tried_first_is_refused(string password)
    {
        using var client = app.Anonymous();
        var answer = await client.Post("/api/auth/register", new { email = "ada.lovelace@example.com", password });
        Assert.Equal(["password"], answer.IsProblem(400, "invalid_request").BadFields);
    }

    [Theory]
    [InlineData("password 123 and more")]
    [InlineData("correct horse battery")]
    public async Task Another_is_taken(string password)
    {
        using var client = app.Anonymous();
        (await client.Post("/api/auth/register", new { email = $"{Guid.NewGuid():N}@example.com", password })).Is(201);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_password_is_the_same_however_a_keyboard_composes_its_letters(bool registersComposed)
    {
        using var client = app.Anonymous();
        var email = $"{Guid.NewGuid():N}@example.com";
        (await client.Post("/api/auth/register", new { email, password = registersComposed ? Composed : Decomposed })).Is(201);

        foreach (var password in new[] { Composed, Decomposed })
        {
            (await client.Post("/api/auth/login", new { email, password })).Is(200);
        }

        (await client.Post("/api/auth/login", new { email, password = Composed.Replace('ü', 'u') })).IsProblem(401, "invalid_credentials");
    }

    [Fact]
    public async Task A_hash_from_before_that_rule_serves_and_is_made_anew()
    {
        using var client = app.Anonymous();
        var email = $"{Guid.NewGuid():N}@example.com";
        (await client.Post("/api/auth/register", new { email, password = "correct horse battery" })).Is(201);
        var before = new PasswordHasher<User>().HashPassword(null!, Decomposed);
        await app.Database.Execute($"update app_user set password_hash = '{before}' where email = '{email}'");

        (await client.Post("/api/auth/login", new { email, password = Composed })).IsProblem(401, "invalid_credentials"); // it never was this one
        (await client.Post("/api/auth/login", new { email, password = Decomposed })).Is(200);
        (await client.Post("/api/auth/login", new { email, password = Composed })).Is(200);
        Assert.NotEqual(before, await app.Database.Scalar<string>($"select password_hash from app_user where email = '{email}'"));
    }
}
