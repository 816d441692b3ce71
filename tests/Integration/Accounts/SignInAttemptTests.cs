using System.Globalization;
using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>Guesses of one account's password from many addresses are slowed down; its own devices are not.</summary>
public sealed class SignInAttemptTests(SignInAttemptTests.App app) : IClassFixture<SignInAttemptTests.App>
{
    private const string Password = "correct horse battery";
    private const string Home = "198.51.100.7";
    private const string Elsewhere = "198.51.100.200";

    [Fact]
    public async Task A_hundred_guesses_from_a_hundred_addresses_are_held_up_and_a_known_device_is_not()
    {
        using var client = app.Anonymous();
        var email = await Register(client);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => LogIn(client, email, $"a wrong guess {i}", $"203.0.113.{i}")));

        Assert.InRange(answers.Count(answer => answer.Status == 401), 1, 11);
        var held = answers.Where(answer => answer.Status != 401).Select(answer => answer.IsProblem(429, "too_many_attempts")).ToList();
        Assert.All(held, answer => Assert.InRange(RetryAfter(answer), 1, 900));

        // The right password is held up as well, but not from where the user is signed in.
        (await LogIn(client, email, Password, Elsewhere)).IsProblem(429, "too_many_attempts");
        (await LogIn(client, email, Password, Home)).Is(200);
        (await LogIn(client, email, "a wrong password", Home)).IsProblem(401, "invalid_credentials");
        (await LogIn(client, email, Password, Elsewhere)).IsProblem(429, "too_many_attempts"); // the known device lets nobody else in
    }

    [Fact]
    public async Task Each_further_guess_waits_twice_as_long_and_the_right_password_begins_anew()
    {
        using var client = app.Anonymous();
        var email = await Register(client);
        await Guess(client, email, 10);

        for (var wait = 1; wait <= 4; wait *= 2)
        {
            Assert.Equal(wait, RetryAfter((await LogIn(client, email, Password, Elsewhere)).IsProblem(429, "too_many_attempts")));
            app.Time.Advance(TimeSpan.FromSeconds(wait) - TimeSpan.FromMilliseconds(1));
            (await LogIn(client, email, Password, Elsewhere)).IsProblem(429, "too_many_attempts");
            app.Time.Advance(TimeSpan.FromMilliseconds(1));
            (await LogIn(client, email, "a wrong guess", Elsewhere)).IsProblem(401, "invalid_credentials");
        }

        app.Time.Advance(TimeSpan.FromSeconds(8));
        (await LogIn(client, email, Password, Elsewhere)).Is(200);
        await Guess(client, email, 10, "203.0.113.250"); // all of them free again
    }

    [Fact]
    public async Task No_wait_is_longer_than_a_quarter_of_an_hour()
    {
        using var client = app.Anonymous();
        var email = await Register(client);
        await Guess(client, email, 10);
        var wait = 0;
        for (var guess = 0; guess < 15; guess++)
        {
            wait = RetryAfter((await LogIn(client, email, "a wrong guess", Elsewhere)).IsProblem(429, "too_many_attempts"));
            app.Time.Advance(TimeSpan.FromSeconds(wait));
            (await LogIn(client, email, "a wrong guess", Elsewhere)).IsProblem(401, "invalid_credentials");
        }

        Assert.Equal(900, wait);
        app.Time.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));
        await Guess(client, email, 10);
    }

    [Fact]
    public async Task An_address_without_an_account_is_held_up_the_same()
    {
        using var client = app.Anonymous();
        var (known, unknown) = (await Register(client), $"{Guid.NewGuid():N}@example.com");
        await Guess(client, known, 10);
        await Guess(client, unknown, 10);

        var refused = new[] { await LogIn(client, known, Password, Elsewhere), await LogIn(client, unknown, Password, Elsewhere) };

        Assert.All(refused, answer => answer.IsProblem(429, "too_many_attempts"));
        Assert.Equal(refused[0].Text("detail"), refused[1].Text("detail"));
        Assert.Equal(refused[0].Header("Retry-After"), refused[1].Header("Retry-After"));
    }

    [Fact]
    public async Task Another_process_has_the_same_count_and_another_account_its_own()
    {
        using var client = app.Anonymous();
        var (email, other) = (await Register(client), await Register(client));
        await Guess(client, email, 10);

        await using var second = app.BuildAnother();
        await second.StartAsync();
        using var there = new ApiClient(second.Address, null);
        (await LogIn(there, email, Password, Elsewhere)).IsProblem(429, "too_many_attempts");
        (await LogIn(there, email, Password, Home)).Is(200);
        (await LogIn(there, other, Password, Elsewhere)).Is(200);
    }

    [Fact]
    public async Task A_device_is_known_as_long_as_its_session_lasts()
    {
        using var client = app.Anonymous();
        var email = $"{Guid.NewGuid():N}@example.com";
        var session = (await client.Post("/api/auth/register", new { email, password = Password }, MailedApp.From(Home))).Is(201);
        await Guess(client, email, 10);
        (await client.Post("/api/auth/logout", new { refresh_token = session.Text("refresh_token") })).Is(204);

        (await LogIn(client, email, Password, Home)).IsProblem(429, "too_many_attempts");
    }

    [Fact]
    public async Task What_was_counted_a_day_ago_is_pruned()
    {
        using var client = app.Anonymous();
        await Guess(client, await Register(client), 1);
        app.Time.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));
        await using var scope = app.Host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Infrastructure.Accounts.Sessions>().Prune(app.Time.GetUtcNow(), CancellationToken.None);
        Assert.Equal(0, await app.Database.Scalar<long>("select count(*) from sign_in_attempt"));
    }

    [Fact]
    public async Task A_sign_in_waits_for_at_most_one_password_of_each_other_address()
    {
        const int Addresses = 5, Each = 10;
        using var client = app.Anonymous();
        var email = await Register(client);
        var checkedPasswords = 0;
        var wrong = Enumerable.Range(0, Addresses * Each).Select(number => GuessOnce($"203.0.113.{number % Addresses}", $"{number}@example.com")).ToList();
        await Task.WhenAny(wrong); // they are at it

        var before = Volatile.Read(ref checkedPasswords);
        (await LogIn(client, email, Password, Elsewhere)).Is(200);

        // One of each that was in the queue, and what was checked while the request was on its way.
        Assert.InRange(Volatile.Read(ref checkedPasswords) - before, 0, 2 * Addresses);
        Assert.All(await Task.WhenAll(wrong), status => Assert.Equal(401, status)); // nobody's guess is refused either

        async Task<int> GuessOnce(string address, string somebody)
        {
            var status = (await LogIn(client, somebody, "a wrong guess", address)).Status;
            Interlocked.Increment(ref checkedPasswords);
            return status;
        }
    }

    private static async Task Guess(ApiClient client, string email, int times, string from = "203.0.113.77")
    {
        for (var guess = 0; guess < times; guess++)
        {
            (await LogIn(client, email, "a wrong guess", from)).IsProblem(401, "invalid_credentials");
        }
    }

    private static int RetryAfter(ApiAnswer answer) => int.Parse(answer.Header("Retry-After")!, CultureInfo.InvariantCulture);

    private static Task<ApiAnswer> LogIn(ApiClient client, string email, string password, string from) =>
        client.Post("/api/auth/login", new { email, password }, MailedApp.From(from));

    private static async Task<string> Register(ApiClient client)
    {
        var email = $"{Guid.NewGuid():N}@example.com";
        (await client.Post("/api/auth/register", new { email, password = Password }, MailedApp.From(Home))).Is(201);
        return email;
    }

    /// <summary>The application behind one proxy, which these tests play, under a clock of the test's.</summary>
    public sealed class App : TestApp
    {
        public FakeClock Time { get; } = new();

        protected override TimeProvider Clock => Time;

        /// <summary>Another process on the same database and clock.</summary>
        public HostApplication BuildAnother() => HostApplication.Build(Prepare);

        protected override void Configure(HostApplicationOptions options) => options.Settings["RateLimits:TrustedProxies"] = "1";
    }
}
