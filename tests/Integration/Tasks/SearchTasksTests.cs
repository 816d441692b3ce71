using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Tasks;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

public class SearchTasksTests(TestApp app) : IClassFixture<TestApp>
{
    [Theory]
    [InlineData("groceries", "Buy groceries,Plan the week,Errands")]
    [InlineData("GROC", "Buy groceries,Plan the week,Errands")]
    [InlineData("\"call the bank\"", "Call the bank")]
    [InlineData("\"bank the call\"", "")]
    [InlineData("bank or party", "Bank holiday party,Call the bank")]
    [InlineData("bank -holiday", "Call the bank")]
    [InlineData("bank -\"bank call\"", "Call the bank,Bank holiday party")] // what is excluded is a phrase, not its words
    [InlineData("-bank -groceries", "It's late")]
    [InlineData("late or -bank -groceries -party", "It's late")]
    [InlineData("call bank", "Call the bank")]
    [InlineData("grocries", "Buy groceries")] // a typo
    [InlineData("holidy", "Bank holiday party")]
    [InlineData("sank", "")] // one letter off, but another word
    [InlineData("xylophone", "")]
    [InlineData("!!! & | <->", "")]
    [InlineData("it's", "It's late")]
    public async Task Words_find_titles_before_descriptions_before_tags(string query, string expected)
    {
        using var alice = await app.SignUp();
        foreach (var (title, description, tag) in new[]
        {
            ("Errands", (string?)null, "groceries"),
            ("Plan the week", "list the groceries", "home"),
            ("Buy groceries", null, "home"),
            ("Call the bank", null, "money"),
            ("Bank holiday party", null, "fun"),
            ("It's late", null, "night"),
        })
        {
            (await alice.Post("/api/tasks", new { title, description, tags = new[] { tag } })).Is(201);
        }

        var found = (await alice.Post("/api/tasks/search", new { query })).Is(200);

        Assert.Equal(expected, string.Join(',', found["results"]!.AsArray().Select(task => task!["title"]!.GetValue<string>())));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(498)]
    [InlineData(499)]
    [InlineData(501)]
    [InlineData(2046)] // the longest that PostgreSQL indexes
    [InlineData(2047)]
    public async Task Words_of_any_length_are_stored_and_those_that_can_be_typed_are_found(int length)
    {
        using var alice = await app.SignUp();
        var word = string.Concat(Enumerable.Repeat("abcdefghij", 205))[..length];
        (await alice.Post("/api/tasks", new { title = "long", description = word })).Is(201);
        (await alice.Post("/api/tasks", new { title = "longer", description = word + "x" })).Is(201);

        var whole = (await alice.Post("/api/tasks/search", new { query = $"\"{word[..Math.Min(length, 498)]}\"" })).Is(200);
        var begun = (await alice.Post("/api/tasks/search", new { query = word[..100] })).Is(200);

        Assert.Equal(length <= 498 ? 1 : 0, whole["total_count"]!.GetValue<int>());
        Assert.Equal(Math.Clamp(2047 - length, 0, 1) + Math.Clamp(2046 - length, 0, 1), begun["total_count"]!.GetValue<int>());
    }

    [Theory]
    [InlineData(@"back\slash")]
    [InlineData(@"C:\temp\")]
    [InlineData("o''neil")]
    [InlineData("<-> <2> &")]
    [InlineData("a<2>b")]
    [InlineData("x:*")]
    [InlineData("http://example.com/a?b='c'")]
    [InlineData("äöü straße")]
    public async Task What_is_an_operator_elsewhere_is_text_here(string words)
    {
        using var alice = await app.SignUp();
        (await alice.Post("/api/tasks", new { title = $"zz {words}" })).Is(201);
        (await alice.Post("/api/tasks", new { title = "other" })).Is(201);

        var found = (await alice.Post("/api/tasks/search", new { query = $"zz {words}" })).Is(200);
        var phrase = (await alice.Post("/api/tasks/search", new { query = $"\"zz {words}\"" })).Is(200);

        Assert.Equal(1, found["total_count"]!.GetValue<int>());
        Assert.Equal(1, phrase["total_count"]!.GetValue<int>());
    }

    [Fact]
    public async Task Users_whose_ids_end_alike_find_their_own()
    {
        var (first, second) = (Guid.Parse("01900000-0000-7000-8000-00000000cafe"), Guid.Parse("01900000-0000-7000-9000-00000000cafe"));
        await app.Database.Execute(
            """
            insert into app_user (id, email, normalized_email, password_hash, time_zone, created_at)
            select id, id || '@seed', id || '@seed', '', 'UTC', now()
            from unnest(array['01900000-0000-7000-8000-00000000cafe', '01900000-0000-7000-9000-00000000cafe']::uuid[]) as id
            """);
        var (mine, theirs) = (await TaskSeed.Tasks(app.Database, first, 30, seed: 1), await TaskSeed.Tasks(app.Database, second, 20, seed: 2));
        var search = new TaskSearch(app.Database.Source, TimeProvider.System);

        foreach (var (user, tasks) in new[] { (first, mine), (second, theirs) })
        {
            foreach (var words in new[] { "task", "-xylophone" })
            {
                var found = await search.Find(user, new TaskSearchQuery(words, new(), null, SortOrder.Desc, 50, 0), Pages.Budget(), CancellationToken.None);
                Assert.Equal(tasks.Select(task => task.Id).Order(), found.Results.Select(task => task.Id).Order());
            }
        }
    }

    [Fact]
    public async Task Without_words_it_filters()
    {
        using var alice = await app.SignUp();
        (await alice.Post("/api/tasks", new { title = "a", priority = "high" })).Is(201);
        (await alice.Post("/api/tasks", new { title = "b", priority = "low" })).Is(201);

        var found = (await alice.Post("/api/tasks/search", new { filters = new { priority = "high" } })).Is(200);

        Assert.Equal(1, found["total_count"]!.GetValue<int>());
        Assert.Equal("a", found["results"]![0]!["title"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_sorted_search_begins_with_the_first_of_all_matches_however_many_there_are()
    {
        using var alice = await app.SignUp();
        var id = Guid.Parse((await alice.Get("/api/me")).Is(200).Text("id"));
        var tasks = await TaskSeed.Tasks(app.Database, id, 12_000, seed: 1);

        var newest = (await alice.Post("/api/tasks/search", new { sort_by = "created_at", limit = 5 })).Is(200);
        var oldest = (await alice.Post("/api/tasks/search", new { query = "task", sort_by = "created_at", order = "asc", limit = 5 })).Is(200);

        Assert.Equal(10_000, newest["total_count"]!.GetValue<int>());
        Assert.Equal(10_000, oldest["total_count"]!.GetValue<int>());
        Assert.Equal(tasks.OrderByDescending(task => task.CreatedAt).Take(5).Select(task => task.CreatedAt), Created(newest));
        Assert.Equal(tasks.OrderBy(task => task.CreatedAt).Take(5).Select(task => task.CreatedAt), Created(oldest));

        static IEnumerable<DateTimeOffset> Created(ApiAnswer found) =>
            found["results"]!.AsArray().Select(task => task!["created_at"]!.GetValue<DateTimeOffset>());
    }

    [Fact]
    public async Task A_link_leads_on_however_the_parameters_are_capitalized()
    {
        using var alice = await app.SignUp();
        for (var i = 0; i < 3; i++)
        {
            (await alice.Post("/api/tasks", new { title = $"task {i}" })).Is(201);
        }

        var first = (await alice.Get("/api/tasks?Limit=1&Offset=1")).Is(200);

        (await alice.Get(first.Header("Link")![1..^13])).Is(200);
    }

    [Fact]
    public async Task Pages_of_a_cursor_are_not_shifted_by_new_tasks()
    {
        using var alice = await app.SignUp();
        for (var i = 0; i < 4; i++)
        {
            (await alice.Post("/api/tasks", new { title = $"old {i}" })).Is(201);
        }

        var first = (await alice.Get("/api/tasks?limit=2")).Is(200);
        (await alice.Post("/api/tasks", new { title = "new" })).Is(201);
        var second = (await alice.Get(first.Header("Link")![1..^13])).Is(200);

        Assert.Equal(["old 3", "old 2"], first.Json.AsArray().Select(task => task!["title"]!.GetValue<string>()));
        Assert.Equal(["old 1", "old 0"], second.Json.AsArray().Select(task => task!["title"]!.GetValue<string>()));
        Assert.Null(second.Header("Link"));
        (await alice.Get(first.Header("Link")![1..^13] + "&sort_by=title")).IsProblem(400, "invalid_request");
    }
}
