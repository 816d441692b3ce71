using TodoFlow.Infrastructure.Assistant.Models;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Unit.Chat;

/// <summary>What the mode without a language model takes sentences for.</summary>
public sealed class RulesIntentTests
{
    [Theory]
    [InlineData("Buy milk", "Add", "Buy milk")]
    [InlineData("Call mom tomorrow 5pm #family", "Add", "Call mom tomorrow 5pm #family")]
    [InlineData("add buy milk", "Add", "buy milk")]
    [InlineData("Add a task to call the dentist on friday", "Add", "call the dentist on friday")]
    [InlineData("please add \"Read the book\" to my list", "Add", "\"Read the book\"")]
    [InlineData("can you create a new todo: water the plants every monday", "Add", "water the plants every monday")]
    [InlineData("new task pay rent on the 1st", "Add", "pay rent on the 1st")]
    [InlineData("I need to renew my passport in 3 weeks", "Add", "renew my passport in 3 weeks")]
    [InlineData("don't forget to feed the cat tonight", "Add", "feed the cat tonight")]
    [InlineData("Don’t forget the keys", "Add", "the keys")]
    [InlineData("remind me to stretch at 3pm", "Add", "remind me to stretch at 3pm")]
    [InlineData("todo: backup photos p1", "Add", "backup photos p1")]
    [InlineData("put eggs on the list", "Add", "eggs")]
    [InlineData("list", "List", "")]
    [InlineData("list my tasks", "List", "tasks")]
    [InlineData("Show me all tasks, please", "List", "tasks")]
    [InlineData("show overdue tasks", "List", "overdue tasks")]
    [InlineData("what is due today?", "List", "today")]
    [InlineData("What's due this week", "List", "this week")]
    [InlineData("What do I have to do tomorrow?", "List", "tomorrow")]
    [InlineData("tasks", "List", "tasks")]
    [InlineData("overdue", "List", "overdue")]
    [InlineData("today?", "List", "today")]
    [InlineData("which tasks are overdue?", "List", "tasks are overdue")]
    [InlineData("show #work", "List", "#work")]
    [InlineData("find milk", "Search", "milk")]
    [InlineData("search for dentist", "Search", "dentist")]
    [InlineData("look for tasks about taxes", "Search", "taxes")]
    [InlineData("where is my passport task?", "Search", "passport")]
    [InlineData("complete buy milk", "Complete", "buy milk")]
    [InlineData("Finish the report.", "Complete", "report")]
    [InlineData("mark \"Buy milk\" as done", "Complete", "Buy milk")]
    [InlineData("mark call mom complete", "Complete", "call mom")]
    [InlineData("check off water the plants", "Complete", "water the plants")]
    [InlineData("buy milk is done!", "Complete", "buy milk")]
    [InlineData("I've finished the tax return", "Complete", "tax return")]
    [InlineData("done with laundry", "Complete", "laundry")]
    [InlineData("reopen buy milk", "Reopen", "buy milk")]
    [InlineData("mark buy milk as not done", "Reopen", "buy milk")]
    [InlineData("move buy milk to friday", "Reschedule", "buy milk", "friday")]
    [InlineData("Can you reschedule the dentist to next monday 10am?", "Reschedule", "dentist", "next monday 10am")]
    [InlineData("postpone the report until tomorrow", "Reschedule", "report", "tomorrow")]
    [InlineData("change the due date of pay rent to 2026-12-01", "Reschedule", "pay rent", "2026-12-01")]
    [InlineData("push laundry to in 3 days", "Reschedule", "laundry", "in 3 days")]
    [InlineData("delete buy milk", "Delete", "buy milk")]
    [InlineData("remove the task old newspaper", "Delete", "old newspaper")]
    [InlineData("get rid of \"Foo bar\" please", "Delete", "Foo bar")]
    [InlineData("restore buy milk", "Restore", "buy milk")]
    [InlineData("undelete buy milk from the trash", "Restore", "buy milk")]
    [InlineData("hello", "Help", "")]
    [InlineData("Hi!", "Help", "")]
    [InlineData("help", "Help", "")]
    [InlineData("Why is the sky blue?", "Help", "")]
    [InlineData("write a poem about spring", "Help", "")]
    [InlineData("   ", "Help", "")]
    public void A_sentence_is_taken_for_what_it_says(string sentence, string ask, string about, string? when = null)
    {
        var intent = RulesIntent.Read(sentence);

        Assert.Equal((ask, about, when), (intent.Ask.ToString(), intent.About, intent.When));
    }

    [Fact]
    public void No_text_takes_long()
    {
        foreach (var text in new[] { new string('a', 4000), string.Concat(Enumerable.Repeat("mark as ", 500)), string.Concat(Enumerable.Repeat("move to on for ", 250)), new string(' ', 4000) })
        {
            RulesIntent.Read(text);
        }

        Expressions.NeverBacktrack(typeof(RulesIntent));
    }
}
