using TodoFlow.Domain.Tasks;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

public class SearchLanguagesTests(TestApp app) : IClassFixture<TestApp>
{
    [Theory]
    // scripts without spaces
    [InlineData("测试", "这是一个测试文档")]
    [InlineData("会議", "明日の会議室を予約する")]
    [InlineData("ライブ", "東京ドームライブ申込")]
    [InlineData("茶", "买绿茶")]
    [InlineData("ครับ", "สวัสดีครับคุณ")]
    [InlineData("手机", "给iPhone手机充电")]
    // parts of words
    [InlineData("민국", "대한민국 여행")]
    [InlineData("병원", "서울대학병원 예약")]
    [InlineData("spüler", "Geschirrspüler ausräumen")]
    [InlineData("versicherung", "Krankenversicherungskarte holen")]
    [InlineData("bröd", "Rågbrödet")]
    [InlineData("ход", "Билет на пароходик")]
    // composed and not, which look alike
    [InlineData("façon", "Fac\u0327on de parler")]
    [InlineData("fac\u0327on", "Façon de parler")]
    [InlineData("\u1106\u1175\u11ab\u1100\u116e\u11a8", "대한민국")]
    [InlineData("Ho\u031b\u0300", "hờ hững")]
    [InlineData("カ\u3099ス", "ガス料金")]
    // accents and strokes
    [InlineData("mork", "Mörk Borg")]
    [InlineData("lodz", "Łódź wycieczka")]
    [InlineData("елка", "Ёлка купить")]
    [InlineData("ёлка", "Елка купить")]
    [InlineData("resume", "Résumé schreiben")]
    [InlineData("smorrebrod", "Smørrebrød")]
    [InlineData("da nang", "Vé đi Đà Nẵng")]
    [InlineData("istanbul", "İSTANBUL gezisi")]
    [InlineData("محمد", "اتصل بـمُحَمَّد")]
    // case in full, and compatibility forms
    [InlineData("strasse", "Straße kehren")]
    [InlineData("STRASSE", "straße kehren")]
    [InlineData("straße", "STRASSE KEHREN")]
    [InlineData("σισυφος", "ΣΊΣΥΦΟΣ")]
    [InlineData("office", "Oﬃce aufräumen")]
    [InlineData("abc 12", "ＡＢＣ １２")]
    [InlineData("ガス", "ｶﾞｽ料金")]
    [InlineData("42", "٤٢ صفحة")]
    // emoji
    [InlineData("🎂", "🎂")]
    [InlineData("🎂", "Torte🎂backen")]
    [InlineData("👍", "Gut 👍🏽")]
    [InlineData("❤", "Blumen ❤️")]
    [InlineData("🇩🇪", "Urlaub 🇩🇪")]
    [InlineData("✅ plan", "Plan ✅")]
    // a mistake in each word
    [InlineData("quartrely reprot", "quarterly report")]
    [InlineData("mlik bred", "Milk and bread")]
    [InlineData("telefn rechnug", "Telefonrechnung: Telefon, Rechnung")]
    [InlineData("recieve pakage", "Receive the package")]
    [InlineData("молкоо", "Купить молоко")]
    public async Task A_task_is_found(string query, string title)
    {
        using var alice = await app.SignUp();
        (await alice.Post("/api/tasks", new { title })).Is(201);
        (await alice.Post("/api/tasks", new { title = "Something else, и другое, 其他" })).Is(201);

        Assert.Equal([Nfc.Normalize(title)], await Titles(alice, query));
    }

    [Theory]
    [InlineData("мой", "мои дела")] // й is a letter of its own
    [InlineData("试测", "这是一个测试文档")]
    [InlineData("国大", "대한민국")]
    [InlineData("sank", "Call the bank")]
    [InlineData("silk", "Milk")]
    [InlineData("1235", "Invoice 1234")]
    [InlineData("🎂", "🎁")]
    [InlineData("-🎂 -other", "🎂")]
    [InlineData("\"测试\"", "测一试")]
    public async Task What_is_another_word_is_not_found(string query, string title)
    {
        using var alice = await app.SignUp();
        (await alice.Post("/api/tasks", new { title })).Is(201);

        Assert.Empty(await Titles(alice, query));
    }

    [Theory]
    [InlineData("resume", "resume,Resume,Résumé,Resumed talks,presumed")]
    [InlineData("résumé", "Résumé,Resume,resume,Resumed talks,presumed")]
    [InlineData("spüler", "Spüler,Spuler,Geschirrspüler")]
    [InlineData("민국", "민국,대한민국")]
    public async Task What_is_more_exact_comes_first(string query, string expected)
    {
        using var alice = await app.SignUp();
        foreach (var title in new[] { "presumed", "Resumed talks", "Résumé", "Resume", "resume", "Geschirrspüler", "Spuler", "Spüler", "대한민국", "민국" })
        {
            (await alice.Post("/api/tasks", new { title })).Is(201);
        }

        var found = await Titles(alice, query);

        var (typed, rest) = (expected.Split(',')[0], expected.Split(','));
        Assert.Equal(typed, found[0]);
        Assert.Equal(rest.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        Assert.Equal(rest[^1], found[^1]);
    }

    [Fact]
    public async Task Two_forms_of_a_tag_are_one_tag()
    {
        using var alice = await app.SignUp();
        var task = (await alice.Post("/api/tasks", new { title = "a", tags = new[] { "façon", "fac\u0327on", "\u0041\u030a" } })).Is(201);

        Assert.Equal(["façon", "\u00c5"], task["tags"]!.AsArray().Select(tag => tag!.GetValue<string>()));
        Assert.Single((await alice.Get("/api/tasks?tags=" + Uri.EscapeDataString("fac\u0327on"))).Is(200).Json.AsArray());
        Assert.Single((await alice.Get("/api/tasks?tags=" + Uri.EscapeDataString("\u212b"))).Is(200).Json.AsArray()); // the sign of the ångström
    }

    [Fact]
    public async Task Texts_are_normalized_as_PostgreSQL_does_it()
    {
        var random = new Random(1);
        var points = Enumerable.Range(0xA0, 0x2FA1E - 0xA0).Where(point => point is < 0xD800 or > 0xDFFF).ToList();
        var texts = points.Select(char.ConvertFromUtf32).ToList();
        var marks = Enumerable.Range(0x300, 0x70).Concat(Enumerable.Range(0x3099, 2)).Concat(Enumerable.Range(0x1161, 0x60)).ToList();
        texts.AddRange(Enumerable.Range(0, 20_000).Select(_ => string.Concat(
            Enumerable.Range(0, 6).Select(i => char.ConvertFromUtf32(i % 3 == 0 ? points[random.Next(0x3000)] : marks[random.Next(marks.Count)])))));
        await using var command = app.Database.Source.CreateCommand(
            "select text, normalize(text, NFC) from unnest($1) as text where normalize(text, NFD) is distinct from normalize(text, NFC) or text is not nfc normalized or char_length(text) > 1");
        command.Parameters.AddWithValue(texts.ToArray());
        await using var rows = await command.ExecuteReaderAsync();
        var wrong = new List<string>();
        while (await rows.ReadAsync())
        {
            if (Nfc.Normalize(rows.GetString(0)) != rows.GetString(1))
            {
                wrong.Add(string.Join(' ', rows.GetString(0).EnumerateRunes().Select(rune => rune.Value.ToString("X"))));
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Every_letter_is_found_in_upper_and_lower_case()
    {
        // By .NET's simple case mapping, a source other than ICU, of which PostgreSQL takes its own.
        var letters = Enumerable.Range(0x41, 0x1FFFF).Where(point => point is < 0xD800 or > 0xDFFF).Select(point => new System.Text.Rune(point))
            .Where(System.Text.Rune.IsLetter).ToList();
        await using var command = app.Database.Source.CreateCommand(
            "select letter from unnest($1, $2, $3) as cased (letter, lower, upper) where search_text(letter) <> search_text(lower) and search_text(letter) <> search_text(upper)");
        command.Parameters.AddWithValue(letters.Select(letter => letter.ToString()).ToArray());
        command.Parameters.AddWithValue(letters.Select(letter => System.Text.Rune.ToLowerInvariant(letter).ToString()).ToArray());
        command.Parameters.AddWithValue(letters.Select(letter => System.Text.Rune.ToUpperInvariant(letter).ToString()).ToArray());
        await using var rows = await command.ExecuteReaderAsync();
        var wrong = new List<string>();
        while (await rows.ReadAsync())
        {
            wrong.Add(rows.GetString(0));
        }

        Assert.Empty(wrong);
    }

    private static async Task<List<string>> Titles(ApiClient alice, string query) =>
        [.. (await alice.Post("/api/tasks/search", new { query })).Is(200)["results"]!.AsArray().Select(task => task!["title"]!.GetValue<string>())];
}
