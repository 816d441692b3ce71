using System.IO.Compression;
using System.Text;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Transfer;

/// <summary>Files of other programs, each made here as those programs write them.</summary>
public sealed class ImportFileTests(ImportFileTests.App app) : IClassFixture<ImportFileTests.App>
{
    private const string Todoist =
        """"
        TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE,DURATION,DURATION_UNIT
        meta,view_style=list,,,,,,,,,,
        task,Buy milk @errands @home,"Two litres, ""fresh""",1,1,Alice (1),,2027-03-01,en,Europe/Berlin,None,None
        note,The shop closes at six,,,,Alice (1),,,,,,
        task,Water the plants,,4,1,Alice (1),,every monday at 9:00,en,Europe/Berlin,None,None
        section,Garden,,,,,,,,,,
        task,Rake,,3,1,Alice (1),,,en,,None,None
        task,Leaves,,4,2,Alice (1),,every third blue moon,en,,None,None
        task,Rake,,3,1,Alice (1),,,en,,None,None
        """";

    private const string MicrosoftToDo =
        """
        {"value": [{"id": "list-1", "displayName": "Groceries", "tasks": [
          {"id": "AAMk1", "title": "Buy bread", "importance": "high", "status": "notStarted", "categories": ["Red category"], "isReminderOn": true,
           "createdDateTime": "2026-01-05T10:00:00.1234567Z", "lastModifiedDateTime": "2026-01-05T10:00:00Z",
           "body": {"content": "<p>Rye &amp; oats</p>", "contentType": "html"},
           "dueDateTime": {"dateTime": "2027-01-31T23:00:00.0000000", "timeZone": "UTC"},
           "reminderDateTime": {"dateTime": "2027-02-01T08:00:00.0000000", "timeZone": "W. Europe Standard Time"},
           "recurrence": {"pattern": {"type": "weekly", "interval": 2, "daysOfWeek": ["monday", "thursday"], "firstDayOfWeek": "sunday"}, "range": {"type": "noEnd", "startDate": "2027-02-01"}},
           "checklistItems": [{"displayName": "with seeds", "isChecked": true}]},
          {"id": "AAMk2", "title": "Call home", "importance": "low", "status": "completed", "isReminderOn": false,
           "completedDateTime": {"dateTime": "2025-12-03T09:30:00.0000000", "timeZone": "UTC"}},
          {"id": "AAMk3", "title": "", "status": "notStarted"}]}]}
        """;

    private const string Calendar =
        """
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Test//EN
        BEGIN:VTODO
        UID:todo-1
        DTSTAMP:20260101T000000Z
        SUMMARY:Pay rent\, again
        DESCRIPTION:First line\nsecond
        DUE;TZID=Europe/Berlin:20270301T093000
        RRULE:FREQ=MONTHLY;BYMONTHDAY=1
        EXDATE;TZID=Europe/Berlin:20270401T093000
        CATEGORIES:home,money
        PRIORITY:1
        BEGIN:VALARM
        ACTION:DISPLAY
        TRIGGER;RELATED=END:-PT30M
        DESCRIPTION:Rent
        END:VALARM
        END:VTODO
        BEGIN:VTODO
        UID:todo-2
        SUMMARY:Whole day
        DUE;VALUE=DATE:20270405
        STATUS:NEEDS-ACTION
        END:VTODO
        BEGIN:VTODO
        UID:todo-3
        SUMMARY:Done
        STATUS:COMPLETED
        COMPLETED:20251210T120000Z
        END:VTODO
        BEGIN:VEVENT
        UID:event-1
        DTSTART:20270101T100000Z
        SUMMARY:No task
        END:VEVENT
        END:VCALENDAR
        """;

    [Fact]
    public async Task A_project_of_Todoist_is_imported()
    {
        using var alice = await app.SignUp("America/New_York");

        Assert.Equal((5, 0, 0), (await alice.Import("text/csv", Todoist)).Counts());
        Assert.Equal((0, 5, 0), (await alice.Import("text/csv", Todoist)).Counts());

        var all = (await alice.Get("/api/tasks?limit=200")).Is(200).Json.AsArray();
        Assert.Equal(2, all.Count(task => (string)task!["title"]! == "Rake"));
        var tasks = all.DistinctBy(task => (string)task!["title"]!).ToDictionary(task => (string)task!["title"]!, task => task!);
        Assert.Equal("Two litres, \"fresh\"\n\nThe shop closes at six", (string)tasks["Buy milk"]["description"]!);
        Assert.Equal(["errands", "home"], tasks["Buy milk"]["tags"]!.AsArray().Select(tag => (string)tag!));
        Assert.Equal(("high", "2027-03-01", "Europe/Berlin"), ((string)tasks["Buy milk"]["priority"]!, (string)tasks["Buy milk"]["due_date"]!, (string)tasks["Buy milk"]["time_zone"]!));
        Assert.Equal("FREQ=WEEKLY;BYDAY=MO", (string)tasks["Water the plants"]["recurrence"]!);
        Assert.Contains("T09:00:00+0", (string)tasks["Water the plants"]["due_date"]!, StringComparison.Ordinal);
        Assert.Equal(["Garden"], tasks["Leaves"]["tags"]!.AsArray().Select(tag => (string)tag!));
        Assert.Equal("Date: every third blue moon", (string)tasks["Leaves"]["description"]!);
    }

    [Fact]
    public async Task A_blank_line_in_a_description_stays()
    {
        using var alice = await app.SignUp();

        Assert.Equal((2, 0, 0), (await alice.Import("text/csv", "TYPE,CONTENT,DESCRIPTION\r\ntask,Read,\"First\r\n\r\nsecond\"\r\n\r\ntask,Write,\r\n")).Counts());

        Assert.Equal("First\n\nsecond", ((string)(await alice.Tasks())["Read"]["description"]!).ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_calendar_that_says_when_to_remind_gets_no_reminder_by_default_as_well()
    {
        using var alice = await app.SignUp();
        (await alice.Put("/api/notifications/preferences", new { default_reminder_offset = "1 hour" })).Is(200);

        Assert.Equal((1, 0, 0), (await alice.Import("text/calendar", """
            BEGIN:VCALENDAR
            BEGIN:VTODO
            UID:alarm
            SUMMARY:Pay rent
            DUE:20990301T093000Z
            BEGIN:VALARM
            ACTION:DISPLAY
            TRIGGER;VALUE=DATE-TIME:20990228T120000Z
            END:VALARM
            END:VTODO
            END:VCALENDAR
            """)).Counts());

        Assert.Equal(["2099-02-28T12:00:00.000000Z"], (await alice.Get("/api/reminders")).Json.AsArray().Select(reminder => (string)reminder!["remind_at"]!));
    }

    [Fact]
    public async Task A_backup_of_Todoist_is_imported_whole()
    {
        using var alice = await app.SignUp();
        var backup = Zip(("Home [2201234567].csv", Todoist), ("Work [2201234568].csv", "TYPE,CONTENT\ntask,Write report\n"), ("readme.txt", "no project"));

        Assert.Equal((6, 0, 0), (await alice.Import("application/zip", backup)).Counts());
        Assert.Equal((0, 6, 0), (await alice.Import("application/zip", backup)).Counts());

        Assert.Equal(["Work"], (await alice.Get("/api/tasks?tags=Work")).Json[0]!["tags"]!.AsArray().Select(tag => (string)tag!));
    }

    [Fact]
    public async Task Lists_of_Microsoft_To_Do_are_imported()
    {
        using var alice = await app.SignUp("Europe/Berlin");

        var first = await alice.Import("application/json", MicrosoftToDo);
        Assert.Equal((2, 0, 1), first.Counts());
        Assert.Equal("title", (string)first["results"]![2]!["errors"]![0]!["field"]!);
        Assert.Equal((0, 2, 1), (await alice.Import("application/json", MicrosoftToDo)).Counts());

        var tasks = await alice.Tasks();
        var bread = tasks["Buy bread"];
        Assert.Equal(("2027-02-01", "FREQ=WEEKLY;BYDAY=MO,TH;WKST=SU;INTERVAL=2", "high"), ((string)bread["due_date"]!, (string)bread["recurrence"]!, (string)bread["priority"]!));
        Assert.Equal("Rye & oats\n- [x] with seeds", (string)bread["description"]!);
        Assert.Equal(["Groceries", "Red category"], bread["tags"]!.AsArray().Select(tag => (string)tag!));
        Assert.Equal("2027-02-01T07:00:00.000000Z", (string)(await alice.Get($"/api/reminders?task_id={bread["id"]}")).Json[0]!["remind_at"]!);
        Assert.Equal(("completed", "2025-12-03T09:30:00.000000Z"), ((string)tasks["Call home"]["status"]!, (string)tasks["Call home"]["completed_at"]!));
    }

    [Fact]
    public async Task The_tasks_of_a_calendar_are_imported_and_its_events_are_not()
    {
        using var alice = await app.SignUp();

        Assert.Equal((3, 0, 0), (await alice.Import("text/calendar", Calendar)).Counts());
        Assert.Equal((0, 3, 0), (await alice.Import("text/calendar", Calendar)).Counts());

        var tasks = await alice.Tasks();
        var rent = tasks["Pay rent, again"];
        Assert.Equal(("2027-03-01T09:30:00+01:00", "Europe/Berlin", "PT30M", "high"), ((string)rent["due_date"]!, (string)rent["time_zone"]!, (string)rent["reminder_offset"]!, (string)rent["priority"]!));
        Assert.Equal("FREQ=MONTHLY;BYMONTHDAY=1\nEXDATE:20270401T073000Z", (string)rent["recurrence"]!);
        Assert.Equal("First line\nsecond", (string)rent["description"]!);
        Assert.Equal("2027-03-01T08:00:00.000000Z", (string)(await alice.Get($"/api/reminders?task_id={rent["id"]}")).Json[0]!["remind_at"]!);
        Assert.Equal("2027-04-05", (string)tasks["Whole day"]["due_date"]!);
        Assert.Equal("2025-12-10T12:00:00.000000Z", (string)tasks["Done"]["completed_at"]!);
    }

    [Fact]
    public async Task A_dry_run_says_what_an_import_does_and_stores_nothing()
    {
        using var alice = await app.SignUp();

        var dry = await alice.Import("application/json", MicrosoftToDo, dryRun: true);
        Assert.Empty(await alice.Tasks());
        var real = await alice.Import("application/json", MicrosoftToDo);

        Assert.True((bool)dry["dry_run"]!);
        Assert.Equal(real.Counts(), dry.Counts());
        Assert.Equal(real["results"]!.ToJsonString(), dry["results"]!.ToJsonString());
        Assert.Equal((0, 2, 1), (await alice.Import("application/json", MicrosoftToDo, dryRun: true)).Counts());
    }

    [Theory]
    [InlineData("application/json", "{\"format\": \"todoflow\", \"version\": 1, \"tasks\": [{", "line 1")]
    [InlineData("application/json", "{\"format\": \"todoflow\", \"version\": 2, \"tasks\": []}", "version")]
    [InlineData("application/json", "{\"title\": \"x\"}", "neither")]
    [InlineData("application/json", "{\"format\": \"todoflow\", \"version\": 1, \"tasks\": [{\"task\": {\"id\": \"\\ud800\"}}]}", "Unicode")]
    [InlineData("text/csv", "TYPE,CONTENT\ntask,\"never closed\n", "line 2")]
    [InlineData("text/csv", "a,b\n1,2\n", "TYPE and CONTENT")]
    [InlineData("text/csv", "", "empty")]
    [InlineData("text/calendar", "no calendar", "iCalendar")]
    [InlineData("text/calendar", "BEGIN:VCALENDAR\nBEGIN:VTODO\nnonsense\nEND:VCALENDAR\n", "iCalendar")]
    [InlineData("application/zip", "PK and no archive", "archive")]
    public async Task A_broken_file_is_refused_by_what_is_wrong_with_it(string type, string file, string named)
    {
        using var alice = await app.SignUp();

        var refused = (await alice.Import(type, file)).IsProblem(400, "malformed_file");

        Assert.Contains(named, refused.Text("detail"), StringComparison.Ordinal);
        Assert.Empty(await alice.Tasks());
    }

    [Fact]
    public async Task A_file_of_another_kind_is_refused()
    {
        using var alice = await app.SignUp();

        (await alice.Import("image/png", "x")).IsProblem(415, "unsupported_media_type");
        (await alice.Send(HttpMethod.Post, "/api/import", new ByteArrayContent([1]))).IsProblem(415, "unsupported_media_type");
    }

    [Fact]
    public async Task A_file_of_100_MB_is_too_large_and_so_is_one_above_the_setting()
    {
        using var alice = await app.SignUp();

        (await alice.Import("application/json", new byte[100_000_000], expect: true)).IsProblem(413, "body_too_large");
        (await alice.Import("application/json", new byte[(16 * 1024 * 1024) + 1])).IsProblem(413, "body_too_large");
        Assert.Empty(await alice.Tasks());
    }

    [Fact]
    public async Task A_zip_bomb_is_refused_before_it_is_unpacked()
    {
        using var alice = await app.SignUp();
        var bomb = Zip(("bomb.csv", "TYPE,CONTENT\n" + new string('\n', 40_000_000)));
        Assert.True(bomb.Length < 1_000_000);

        (await alice.Import("application/zip", bomb)).IsProblem(413, "file_too_large");
        Assert.Empty(await alice.Tasks());
    }

    [Fact]
    public async Task A_calendar_of_nested_components_is_no_task()
    {
        using var alice = await app.SignUp();
        var nested = "BEGIN:VCALENDAR\n" + string.Concat(Enumerable.Repeat("BEGIN:VTODO\n", 100_000));

        Assert.InRange((await alice.Import("text/calendar", nested)).Status, 200, 499);
    }

    private static byte[] Zip(params (string Name, string Text)[] files)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create))
        {
            foreach (var (name, text) in files)
            {
                using var file = archive.CreateEntry(name).Open();
                file.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return bytes.ToArray();
    }

    public sealed class App : TestApp
    {
        private readonly FakeClock _time = new();

        protected override TimeProvider Clock => _time;
    }
}
