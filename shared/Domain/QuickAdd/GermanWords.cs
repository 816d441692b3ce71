using TodoFlow.Domain.Tasks;

namespace TodoFlow.Domain.QuickAdd;

/// <summary>German.</summary>
internal static class GermanWords
{
    public static WordTable Table { get; } = new WordTable { OrdinalPoint = true, BareHours = true }
        .AddRow(Role.Day, 0, "heute", "morgen", "übermorgen, uebermorgen")
        .Add(Role.Tonight, 20, "heute abend")
        .AddRow(Role.Weekday, 0, "sonntag, so", "montag, mo", "dienstag, di", "mittwoch, mi", "donnerstag, do", "freitag, fr", "samstag, sa, sonnabend")
        .AddRow(Role.WeakWeekday, 0, "so", "mo", "di", "mi", "do", "fr", "sa")
        .AddRow(Role.EachWeekday, 0, "sonntags", "montags", "dienstags", "mittwochs", "donnerstags", "freitags", "samstags, sonnabends")
        .AddRow(Role.Month, 1, "januar, jan, jänner", "februar, feb", "märz, mär, maerz", "april, apr", "mai", "juni, jun", "juli, jul", "august, aug",
            "september, sep, sept", "oktober, okt", "november, nov", "dezember, dez")
        .Add(Role.Unit, (int)TimeUnit.Minute, "minute, minuten, min")
        .Add(Role.Unit, (int)TimeUnit.Hour, "stunde, stunden, std")
        .Add(Role.Unit, (int)TimeUnit.Day, "tag, tage, tagen")
        .Add(Role.Unit, (int)TimeUnit.Week, "woche, wochen")
        .Add(Role.Unit, (int)TimeUnit.Month, "monat, monate, monaten")
        .Add(Role.Unit, (int)TimeUnit.Year, "jahr, jahre, jahren")
        .AddRow(Role.Number, 1, "ein, eine, einem, einer, einen", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf")
        .Add(Role.Ordinal, 1, "ersten, erste, erster").Add(Role.Second, 2, "zweiten, zweite, zweiter").Add(Role.Ordinal, 3, "dritten, dritte, dritter")
        .Add(Role.Ordinal, 4, "vierten, vierte, vierter").Add(Role.Ordinal, -1, "letzten, letzte, letzter")
        .Add(Role.Next, 0, "nächsten, nächste, nächster, nächstes, kommenden, kommende, kommendes").Add(Role.This, 0, "diesen, diese, dieses").Add(Role.In, 0, "in")
        .Add(Role.On, 0, "am, an, den").Add(Role.OnThe, 0, "am, bis zum, zum").Add(Role.At, 0, "um").Add(Role.By, 0, "bis, bis zum, fällig, fällig am, für")
        .Add(Role.OfMonth, 0, "des monats, im monat, jedes monats").Add(Role.And, 0, "und, &")
        .Add(Role.Every, 0, "jeden, jede, jedes, alle").Add(Role.Other, 0, "anderen, andere").Add(Role.Workdays, 0, "werktag, werktage, arbeitstag").Add(Role.Weekend, 0, "wochenende")
        .Add(Role.EndOf, (int)TimeUnit.Day, "ende des tages").Add(Role.EndOf, (int)TimeUnit.Week, "ende der woche")
        .Add(Role.EndOf, (int)TimeUnit.Month, "monatsende, ende des monats, am monatsende, zum monatsende, am ende des monats")
        .Add(Role.EndOf, (int)TimeUnit.Year, "jahresende, ende des jahres, am jahresende, zum jahresende, am ende des jahres")
        .Add(Role.EndOfNext, (int)TimeUnit.Month, "ende nächsten monats, ende des nächsten monats")
        .Add(Role.PartOfDay, 9, "früh, vormittag, vormittags, morgens").Add(Role.PartOfDay, 15, "nachmittag, nachmittags")
        .Add(Role.PartOfDay, 19, "abend, abends").Add(Role.PartOfDay, 22, "nacht, nachts")
        .Add(Role.NamedTime, 12, "mittag, mittags").Add(Role.NamedTime, 24, "mitternacht").Add(Role.Hour24, 0, "uhr, h")
        .Add(Role.Adverb, (int)TimeUnit.Day, "täglich").Add(Role.Adverb, (int)TimeUnit.Week, "wöchentlich").Add(Role.Adverb, (int)TimeUnit.Month, "monatlich")
        .Add(Role.Adverb, (int)TimeUnit.Year, "jährlich").Add(Role.Adverb, (int)TimeUnit.Hour, "stündlich").Add(Role.Adverb, (int)TimeUnit.Workday, "werktags")
        .Add(Role.Starting, 0, "ab, ab dem, beginnend, beginnend am").Add(Role.Until, 1, "bis, bis zum")
        .Add(Role.Remind, 0, "erinnere mich, erinnerung").Add(Role.RemindTo, 0, "erinnere mich an").Add(Role.To, 0, "an").Add(Role.Before, 0, "vorher, davor")
        .Add(Role.NoReminder, 0, "keine erinnerung, ohne erinnerung")
        .Add(Role.NotDue, 0, "vor, nach, seit, von, vom, der, die, das, dem, des, ein, eine, einen, letzten, letzte, vergangenen, guten, kein")
        .Add(Role.Range, 0, "bis, -, –, —")
        .Add(Role.Name, 0, "guten morgen, black friday, schwarzer freitag, stiller freitag, weißer sonntag")
        .Add(Role.Priority, (int)TaskPriority.High, "hoch, high").Add(Role.Priority, (int)TaskPriority.Medium, "mittel, medium").Add(Role.Priority, (int)TaskPriority.Low, "niedrig, low");
}
