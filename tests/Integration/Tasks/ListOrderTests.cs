using System.Text.Json.Nodes;
using System.Web;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

/// <summary>Lists by title in the order of a language, by tags that hold commas, and by several values of a parameter.</summary>
public sealed class ListOrderTests(TestApp app) : IClassFixture<TestApp>
{
    // In their order: letters, then accents, then case.
    private static readonly string[] Sorted =
    [
        "- list", "1 first", "10 tenth", "2 second", "Äpfel", "apple", "Apple", "Apple pie", "Banane", "coté", "côte", "Cote d’Azur", "école", "Eis", "Straße", "Strasse 2", "zebra",
        "Zoë", "zoo", "Ёлка", "елки", "ель", "Ель", "жук", "测试",
    ];

    // "Äpfel" with a combining mark.
    private const string Decomposed = "A\u0308pfel";

    public static TheoryData<string, string> Neighbours() => new()
    {
        { "Äpfel", "Apple" },
        { "Е", "Ё" },
        { "Ё", "Ж" },
        { "a", "A" },
        { "resume", "résumé" },
        { "resume", "Resume" },
        { "Resume", "Résumé" }, // case counts less than an accent
        { "Zebra", "Ωmega" },
        { "Ö", "Z" },
        { "łódka", "mleko" },
        { "İstanbul", "Jena" },
        { "ñandú", "ola" },
        { "straße", "strasze" },
        { "a b", "ab" },
        { "9", "a" },
        { "абрикос", "Яблоко" },
        { "が", "き" },
        { "가방", "나무" },
    };

    [Theory]
    [MemberData(nameof(Neighbours))]
    public async Task One_title_comes_before_another(string first, string second)
    {
        using var alice = await app.SignUp();
        await Create(alice, second, first);

        Assert.Equal([first, second], await Titles(alice, "sort_by=title&order=asc"));
        Assert.Equal([second, first], await Titles(alice, "sort_by=title&order=desc"));
    }

    [Theory]
    [InlineData("asc", 1)]
    [InlineData("asc", 4)]
    [InlineData("desc", 3)]
    [InlineData("desc", 7)]
    public async Task A_cursor_goes_through_the_order_of_a_language(string order, int limit)
    {
        using var alice = await app.SignUp();
        await Create(alice, [.. Sorted.OrderBy(title => title.GetHashCode()), "Äpfel", Decomposed]);

        var seen = await Titles(alice, $"sort_by=title&order={order}&limit={limit}");

        // ICU's own order, from PostgreSQL's collation of that name.
        var expected = await app.Database.Column<string>(
            $"select title from task_item where user_id = '{(await alice.Get("/api/me")).Text("id")}' order by title collate \"und-x-icu\" {order}, id {order}");
        Assert.Equal(expected, seen);
        Assert.Equal(order == "asc" ? Sorted : [.. Sorted.Reverse()], seen.Select(title => title.Replace(Decomposed, "Äpfel", StringComparison.Ordinal)).Distinct());
    }

    [Fact]
    public async Task A_search_is_sorted_by_title_in_the_same_order()
    {
        using var alice = await app.SignUp();
        await Create(alice, "task zoo", "task Äpfel", "task apple", "task Apple", "task Banane");

        var found = (await alice.Post("/api/tasks/search", new { query = "task", sort_by = "title", order = "asc" })).Is(200)["results"]!.AsArray();

        Assert.Equal(["task Äpfel", "task apple", "task Apple", "task Banane", "task zoo"], found.Select(task => task!["title"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("tags=a%2Cb", "1")]
    [InlineData("tags=a,b", "2 3")]
    [InlineData("tags=a&tags=b", "2 3")]
    [InlineData("tags=a,b&tags=c", "3")]
    [InlineData("tags_any=a%2Cb,c", "1 3")]
    [InlineData("tags_any=a%2cb&tags_any=c", "1 3")]
    [InlineData("tags=a%2Cb,c", "")]
    [InlineData("tags=x+y", "4")]
    [InlineData("tags=x%20y", "4")]
    [InlineData("tags=%2C", "5")]
    [InlineData("tags=1%2B1%26%25", "6")]
    [InlineData("TAGS=a%2Cb", "1")]
    [InlineData("tags=,a,,b,", "2 3")]
    [InlineData("%74ags=c", "3")]
    public async Task A_comma_separates_tags_and_an_encoded_one_is_part_of_a_tag(string query, string expected)
    {
        using var alice = await app.SignUp();
        var (number, tagged) = (0, new string[][] { ["a,b"], ["a", "b"], ["a", "b", "c"], ["x y"], [","], ["1+1&%"] });
        foreach (var tags in tagged)
        {
            (await alice.Post("/api/tasks", new { title = $"{++number}", tags })).Is(201);
        }

        Assert.Equal(expected, string.Join(' ', (await Titles(alice, $"{query}&sort_by=title&order=asc"))));
    }

    [Fact]
    public async Task The_next_page_keeps_a_tag_with_a_comma()
    {
        using var alice = await app.SignUp();
        for (var i = 0; i < 3; i++)
        {
            (await alice.Post("/api/tasks", new { title = $"{i}", tags = new[] { "a,b", "c d", "e" } })).Is(201);
        }

        Assert.Equal(["2", "1", "0"], await Titles(alice, "tags=a%2Cb,c+d&tags=e&limit=1&offset=0"));
    }

    [Fact]
    public async Task A_tag_with_a_comma_can_be_removed_by_the_query()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a", tags = new[] { "a,b", "a", "b", "c" } })).Is(201).Id;

        Assert.Equal("""["a","b","c"]""", (await alice.Delete($"/api/tasks/{id}/tags?tags=a%2Cb")).Is(200)["tags"]!.ToJsonString());
        Assert.Equal("[]", (await alice.Delete($"/api/tasks/{id}/tags?tags=a,b&tags=c")).Is(200)["tags"]!.ToJsonString());
    }

    [Theory]
    [InlineData("status=pending", "high low medium")]
    [InlineData("status=pending&status=completed", "done high low medium")]
    [InlineData("status=completed&status=completed", "done")]
    [InlineData("priority=low&priority=high", "done high low")]
    [InlineData("priority=low&priority=high&status=pending", "high low")]
    [InlineData("priority=low,medium", "low medium")]
    [InlineData("priority=low&priority=medium&priority=high&status=completed", "done")]
    [InlineData("status=", "done high low medium")]
    [InlineData("priority=high&priority=high&sort_by=priority", "done high")]
    public async Task A_repeated_status_or_priority_means_any_of_them(string query, string expected)
    {
        using var alice = await app.SignUp();
        foreach (var (title, priority) in new[] { ("low", "low"), ("medium", "medium"), ("high", "high"), ("done", "high") })
        {
            var id = (await alice.Post("/api/tasks", new { title, priority })).Is(201).Id;
            if (title == "done")
            {
                (await alice.Post($"/api/tasks/{id}/complete")).Is(200);
            }
        }

        Assert.Equal(expected, string.Join(' ', (await Titles(alice, query)).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("status=pending&status=open", "status")]
    [InlineData("status=Pending", "status")]
    [InlineData("priority=high&priority=1", "priority")]
    public async Task A_value_that_is_none_is_named(string query, string field)
    {
        using var alice = await app.SignUp();
        var problem = (await alice.Get($"/api/tasks?{query}")).Is(400);
        Assert.Equal([field], problem.BadFields);
        Assert.Contains("must be one of", problem.Body, StringComparison.Ordinal);
    }

    private static async Task Create(ApiClient client, params string[] titles)
    {
        foreach (var title in titles)
        {
            (await client.Post("/api/tasks", new { title })).Is(201);
        }
    }

    // Of every page.
    private static async Task<List<string>> Titles(ApiClient client, string query)
    {
        var titles = new List<string>();
        for (var path = $"/api/tasks?{query}"; path is not null;)
        {
            var page = (await client.Get(path)).Is(200);
            titles.AddRange(page.Json.AsArray().Select((JsonNode? task) => task!["title"]!.GetValue<string>()));
            path = page.Header("Link") is { } link ? HttpUtility.HtmlDecode(link[(link.IndexOf('<', StringComparison.Ordinal) + 1)..link.IndexOf('>', StringComparison.Ordinal)]) : null;
        }

        return titles;
    }
}
