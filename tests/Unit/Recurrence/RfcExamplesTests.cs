using Xunit;

namespace TodoFlow.Tests.Unit.Recurrence;

/// <summary>The examples of RFC 5545 section 3.8.5.3, and what that RFC says about dates that do not exist.</summary>
public sealed class RfcExamplesTests
{
    [Theory]
    [InlineData("FREQ=DAILY;COUNT=3", "1997-09-02", "09-03 09-04 ended")]
    [InlineData("FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09-02", "09-12 09-22 10-02 10-12 ended")]
    [InlineData("FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA", "2000-01-28", "01-29 01-30 01-31 ended")]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;WKST=SU", "1997-09-02", "09-16 09-30 10-14 10-28")]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR", "1997-09-01", "09-03 09-05 09-15 09-17")]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05", "08-10 08-19 08-24 ended")]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05", "08-17 08-19 08-31 ended")]
    [InlineData("FREQ=MONTHLY;COUNT=4;BYDAY=1FR", "1997-09-05", "10-03 11-07 12-05 ended")]
    [InlineData("FREQ=MONTHLY;INTERVAL=2;COUNT=5;BYDAY=1SU,-1SU", "1997-09-07", "09-28 11-02 11-30 1998-01-04 ended")]
    [InlineData("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997-09-22", "10-20 11-17 12-22 1998-01-19 1998-02-16 ended")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28", "10-29 11-28 12-29 1998-01-29 1998-02-26")]
    [InlineData("FREQ=MONTHLY;COUNT=5;BYMONTHDAY=1,-1", "1997-09-30", "10-01 10-31 11-01 11-30 ended")]
    [InlineData("FREQ=MONTHLY;INTERVAL=18;BYMONTHDAY=10,11,12", "1997-09-10", "09-11 09-12 1999-03-10 1999-03-11")]
    [InlineData("FREQ=YEARLY;COUNT=5;BYMONTH=6,7", "1997-06-10", "07-10 1998-06-10 1998-07-10 1999-06-10 ended")]
    [InlineData("FREQ=YEARLY;INTERVAL=3;COUNT=6;BYYEARDAY=1,100,200", "1997-01-01", "04-10 07-19 2000-01-01 2000-04-09 2000-07-18 ended")]
    [InlineData("FREQ=YEARLY;BYDAY=20MO", "1997-05-19", "1998-05-18 1999-05-17")]
    [InlineData("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12", "1998-05-11 1999-05-17")]
    [InlineData("FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997-03-13", "03-20 03-27 1998-03-05")]
    [InlineData("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1998-02-13", "1998-03-13 1998-11-13 1999-08-13 2000-10-13")]
    [InlineData("FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13", "1997-09-13", "10-11 11-08 12-13 1998-01-10")]
    [InlineData("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05", "2000-11-07 2004-11-02")]
    [InlineData("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04", "10-07 11-06 ended")]
    [InlineData("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-09-29", "10-30 11-27 12-30 1998-01-29")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15", "01-30 02-15 03-15 03-30 ended")]
    [InlineData("FREQ=MONTHLY", "2026-01-31", "03-31 05-31 07-31")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=30", "2026-01-30", "03-30 04-30")]
    [InlineData("FREQ=YEARLY", "2028-02-29", "2032-02-29 2036-02-29")]
    [InlineData("FREQ=YEARLY", "2096-02-29", "2104-02-29")]
    [InlineData("FREQ=YEARLY;BYWEEKNO=53", "2026-12-30", "2032-12-29 2037-12-30")]
    [InlineData("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "2024-01-01", "2024-12-30 2025-12-29")]
    [InlineData("FREQ=YEARLY;BYMONTHDAY=13", "2026-01-13", "02-13 03-13")]
    [InlineData("FREQ=MONTHLY;BYDAY=MO,1MO,-1MO", "2026-03-02", "03-09 03-16")]
    public void An_all_day_example_gives_the_dates_of_the_rfc(string rule, string anchor, string next)
    {
        var expected = next.Split(' ').Select(date => date.Length == 5 && date != "ended" ? $"{anchor[..4]}-{date}" : date).ToArray();

        Assert.Equal(expected, Series.Of(rule, anchor, "America/New_York").Texts(expected.Length));
    }

    [Theory]
    [InlineData("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z", "09:00", "12:00 15:00 ended")]
    [InlineData("FREQ=MINUTELY;INTERVAL=15;COUNT=6", "09:00", "09:15 09:30 09:45 10:00 10:15 ended")]
    [InlineData("FREQ=MINUTELY;INTERVAL=90;COUNT=4", "09:00", "10:30 12:00 13:30 ended")]
    [InlineData("FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40", "16:20", "16:40 03T09:00 03T09:20")]
    [InlineData("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16", "16:20", "16:40 03T09:00 03T09:20")]
    [InlineData("FREQ=HOURLY;BYMINUTE=0,20,40;BYSETPOS=-1", "09:40", "10:40 11:40")]
    [InlineData("FREQ=DAILY;BYSECOND=60", "09:00", "09:00:59 03T09:00:59")]
    [InlineData("FREQ=DAILY;BYHOUR=8,18;BYSETPOS=2", "18:00", "03T18:00")]
    [InlineData("FREQ=SECONDLY;INTERVAL=3600", "23:30", "03T00:30 03T01:30")]
    public void A_timed_example_gives_the_times_of_the_rfc(string rule, string anchor, string next)
    {
        var expected = next.Split(' ').Select(time => time == "ended" ? time : Full(time)).ToArray();

        Assert.Equal(expected, Series.Of(rule, $"1997-09-02T{anchor}", "America/New_York").Texts(expected.Length));

        static string Full(string time) =>
            (time.Contains('T') ? $"1997-09-{time}" : $"1997-09-02T{time}") + (time.Count(c => c == ':') == 1 ? ":00" : "") + "-04:00";
    }

    [Theory]
    [InlineData("FREQ=DAILY;BYHOUR=9,17", "2026-01-06 2026-01-07")]
    [InlineData("FREQ=HOURLY;COUNT=3", "2026-01-06 2026-01-07 ended")]
    [InlineData("FREQ=HOURLY;INTERVAL=36", "2026-01-06 2026-01-08 2026-01-09 2026-01-11")]
    public void An_all_day_task_recurs_on_the_days_of_the_members(string rule, string next) =>
        Assert.Equal(next.Split(' '), Series.Of(rule, "2026-01-05").Texts(next.Split(' ').Length));
}
