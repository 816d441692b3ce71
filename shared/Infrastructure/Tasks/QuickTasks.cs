using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.QuickAdd;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Tasks;

/// <summary>Adds the tasks that the caller wrote as one line of text, or shows what they would be.</summary>
public sealed class QuickTasks(UnitOfWork work, TaskStore tasks, TaskPreferences preferences, Caller caller, TimeProvider clock)
{
    /// <summary>Adds the task, as every other task is added.</summary>
    /// <param name="text">The text.</param>
    /// <param name="language">Its language.</param>
    /// <param name="keep">Parts that stay in the title.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ProblemException">400: it leaves no title, or one that is too long; 403: a quota does not allow more.</exception>
    public Task<(TaskResponse Task, QuickAddResult Read)> Add(string text, QuickAddLanguage language, IReadOnlyList<TextRange> keep, CancellationToken ct) =>
        work.Run(async () =>
        {
            // A reminder "at 9am" is stored as an offset from the preferred time of all-day tasks: where that changes meanwhile, it is read again.
            var read = Read(text, language, keep, await preferences.Get(ct));
            return (await tasks.Create(null, read.Checked(), null, ct), read);
        }, ct);

    /// <summary>What <see cref="Add"/> would add now, with an id of zeros. Stores nothing, and asks no quota.</summary>
    /// <inheritdoc cref="Add"/>
    public async Task<(TaskResponse Task, QuickAddResult Read)> Preview(string text, QuickAddLanguage language, IReadOnlyList<TextRange> keep, CancellationToken ct)
    {
        var preference = await preferences.Get(ct);
        var read = Read(text, language, keep, preference);
        var (task, _) = TaskItem.Create(Guid.Empty, caller.UserId, preference.ApplyTo(read.Checked()), null, clock.GetUtcNow());
        return (TaskResponse.From(task), read);
    }

    private QuickAddResult Read(string text, QuickAddLanguage language, IReadOnlyList<TextRange> keep, TaskPreference preference) => QuickAddParser.Parse(
        text,
        new(clock.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById(caller.TimeZone), preference.AllDayReminderTime) { Language = language, Keep = keep });
}
