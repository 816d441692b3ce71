using System.Text.RegularExpressions;

namespace TodoFlow.Infrastructure.Assistant.Models;

/// <summary>What a message asks for, as far as fixed rules can tell.</summary>
internal enum RulesAsk
{
    /// <summary>Nothing that the rules know.</summary>
    Help,

    /// <summary>A task is added, in the words of quick add.</summary>
    Add,

    /// <summary>Tasks are listed.</summary>
    List,

    /// <summary>Tasks with some words are looked for.</summary>
    Search,

    /// <summary>A task is done.</summary>
    Complete,

    /// <summary>A task that was done is to be done again.</summary>
    Reopen,

    /// <summary>A task gets another date.</summary>
    Reschedule,

    /// <summary>A task is deleted.</summary>
    Delete,

    /// <summary>A task comes back from the trash.</summary>
    Restore,
}

/// <summary>
/// Reads a message in English by fixed rules: its first words say what is asked for, and the rest is about what. A message that begins with
/// none of them is a task to add, unless it is a question or a greeting.
/// </summary>
/// <param name="Ask">What is asked for.</param>
/// <param name="About">The title, the words, or what is listed; empty for all.</param>
/// <param name="When">The date that a task is moved to, as it was written.</param>
internal sealed record RulesIntent(RulesAsk Ask, string About = "", string? When = null)
{
    /// <summary>Reads a message.</summary>
    public static RulesIntent Read(string message)
    {
        var text = PoliteRule.Replace(SpacesRule.Replace(message.Trim(), " ").Replace('’', '\''), "").Trim();
        text = PleaseRule.Replace(text, "");
        if (text.Length == 0 || HelpRule.IsMatch(text))
        {
            return new(RulesAsk.Help);
        }

        if (MovedRule.Match(text) is { Success: true } moved)
        {
            return new(RulesAsk.Reschedule, Subject(moved.Groups["what"].Value), moved.Groups["when"].Value.Trim().TrimEnd('.', '!', '?'));
        }

        foreach (var (rule, ask) in new[]
        {
            (ReopenedRule, RulesAsk.Reopen), (RestoredRule, RulesAsk.Restore), (DeletedRule, RulesAsk.Delete), (CompletedRule, RulesAsk.Complete),
        })
        {
            if (rule.Match(text) is { Success: true } match && Subject(match.Groups["what"].Value) is { Length: > 0 } what)
            {
                return new(ask, what);
            }
        }

        if (SearchedRule.Match(text) is { Success: true } searched)
        {
            return new(RulesAsk.Search, Subject(searched.Groups["what"].Value));
        }

        if (ListedRule.Match(text) is { Success: true } listed)
        {
            return new(RulesAsk.List, listed.Groups["what"].Value.Trim().TrimEnd('?', '.', '!'));
        }

        if (AddedRule.Match(text) is { Success: true } added)
        {
            return new(RulesAsk.Add, ToListRule.Replace(added.Groups["what"].Value, "").Trim());
        }

        return QuestionRule.IsMatch(text) ? new(RulesAsk.Help) : new(RulesAsk.Add, text);
    }

    // The title without what people put around it.
    private static string Subject(string text)
    {
        text = text.Trim().TrimEnd('.', '!', '?').Trim();
        text = ArticleRule.Replace(text, "");
        text = SuffixRule.Replace(text, "").Trim();
        return text is [('"' or '“' or '„' or '\''), .., ('"' or '”' or '“' or '\'')] && text.Length > 2 ? text[1..^1].Trim() : text;
    }

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking;

    private static Regex Rule(string pattern) => new(pattern, Options);

    private static readonly Regex SpacesRule = Rule(@"\s+");
    private static readonly Regex PoliteRule = Rule(@"^((hey|hi|hello|ok|okay)[, ]+)?(please,? |can you |could you |would you |will you |i want to |i want you to |i'd like to |i would like to |let's )*");
    private static readonly Regex PleaseRule = Rule(@",? (please|thanks|thank you)[.!]?$");
    private static readonly Regex HelpRule = Rule(@"^(help|\?|what can you do.*|how do(es)? (you|this|it) work.*|hi|hello|hey|good (morning|afternoon|evening)|thanks?( you)?|thx|ok(ay)?|yes|no|cool|great|who are you.*)[.!?]*$");
    private static readonly Regex MovedRule = Rule(@"^(reschedule|move|postpone|delay|push|shift|change|set)( back| off| out)?( the)?( due date of| date of| deadline of)? (?<what>.+?) (back )?(to|until|till|for|on) (?<when>[^""]+)$");
    private static readonly Regex ReopenedRule = Rule(@"^((reopen|re-open|uncomplete|uncheck|untick) (?<what>.+)|mark (?<what>.+?) (as )?(not (done|complete[d]?|finished)|undone|open|pending)|(?<what>.+?) (is|are) not (done|finished|complete[d]?)( yet)?)[.!]?$");
    private static readonly Regex RestoredRule = Rule(@"^(restore|undelete|recover|bring back) (?<what>.+)$");
    private static readonly Regex DeletedRule = Rule(@"^(delete|remove|trash|drop|erase|get rid of|throw away) (?<what>.+)$");
    private static readonly Regex CompletedRule = Rule(@"^((complete|finish|check off|tick off|check|tick|close) (?<what>.+)|(mark|set) (?<what>.+?) (as )?(done|complete[d]?|finished)|(i('ve| have)? |i'm |i am )?(done with|finished with|finished|completed|done:) (?<what>.+)|(?<what>.+) (is|are) (done|finished|complete[d]?))[.!]?$");
    private static readonly Regex SearchedRule = Rule(@"^(search|find|look up|look|where is|where are|do i have|is there)( me)?( for| up)?( a| an| any| all| the| my)?( task| tasks| todo| todos| something)?( about| with| containing| named| called| for| on)? (?<what>.+)$");
    private static readonly Regex ListedRule = Rule(@"^((list|show|display|view|see|print|give)( me)?( all)?( of)?( my| the| open| all)*|what('s| is| are| do i have| have i| should i do| must i do| do i need to do)( to do| left| open| due| my| the| on| for| there)*|which|how many|my|all|any) ?(?<what>.*)$|^(?<what>(tasks|todos|to-?dos|overdue( tasks)?|agenda|today|tomorrow|this week|next 7 days|todo list|to-?do list))[?.!]*$");
    private static readonly Regex AddedRule = Rule(@"^((add|create|make|new|note|put|todo|to-?do|task)( me)?( down)?( a| an| the| this)?( new)?( task| todo| to-?do| item| reminder)?( to| that| called| named| for)?:? |i (need|have) to |i must |i should |i've got to |don't (let me )?forget( to)? )(?<what>.+)$|^(?<what>remind me .+)$");
    private static readonly Regex ArticleRule = Rule(@"^(the |my |that |this )?((task|todo|to-?do|item)( called| named| about)? )?(the |my )?");
    private static readonly Regex SuffixRule = Rule(@"( (task|todo|to-?do)| from (my|the) (list|tasks|todos|trash)| off (my|the) list)+$");
    private static readonly Regex ToListRule = Rule(@" (to|on|onto|in) (my|the) ((to-?do|task|todo) )?(list|tasks|todos)[.!]?$");
    private static readonly Regex QuestionRule = Rule(@"\?$|^(why|who|when|where|how|what|which|is|are|do|does|did|should|tell me|explain|write|translate|summari[sz]e)\b");
}
