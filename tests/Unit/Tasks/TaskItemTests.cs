using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Tasks;
using Xunit;

namespace TodoFlow.Tests.Unit.Tasks;

/// <summary>The transitions of a task: what they change, what they raise, and what they refuse.</summary>
public class TaskItemTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Later = Now.AddMinutes(1);
    private static readonly Guid User = Guid.CreateVersion7();

    [Theory]
    [InlineData(-5)]
    [InlineData(0)]
    [InlineData(5)] // ticks: less than the microsecond that PostgreSQL keeps
    public void Each_change_is_later_than_the_one_before_whatever_the_clock_says(int ticks)
    {
        var task = New();

        task.Complete(Now.AddTicks(ticks));

        Assert.Equal(Now.AddMicroseconds(1), task.UpdatedAt); // who asks for what changed after Now is told
    }

    [Fact]
    public void A_new_task_is_pending_of_medium_priority_and_version_1()
    {
        var (task, created) = TaskItem.Create(Guid.CreateVersion7(), User, new TaskEdit { Title = "a" }, null, Now);

        Assert.Equal((TaskItemStatus.Pending, TaskPriority.Medium, 1L, "UTC"), (task.Status, task.Priority, task.Version, task.TimeZone));
        Assert.Equal((Now, Now, (DateTimeOffset?)null), (task.CreatedAt, task.UpdatedAt, task.CompletedAt));
        Assert.Same(task, created.Task);
        Assert.True(task.IsUntouched);
    }

    [Fact]
    public void A_change_counts_the_version_up_and_tells_the_fields()
    {
        var task = New();

        var updated = task.Update(new TaskEdit { Title = "b", Priority = TaskPriority.High }, null, Later);

        Assert.Equal(["title", "priority"], updated!.Changes.Select(change => change.Field));
        Assert.Equal(("\"a\"", "\"b\""), (updated.Changes[0].Old!.ToJsonString(), updated.Changes[0].New!.ToJsonString()));
        Assert.Equal((2L, Later), (task.Version, task.UpdatedAt));
        Assert.False(task.IsUntouched);
    }

    [Fact]
    public void A_change_that_changes_nothing_raises_nothing()
    {
        var task = New();

        Assert.Null(task.Update(new TaskEdit { Title = "a" }, null, Later));
        Assert.Null(task.Update(new TaskEdit(), null, Later));
        Assert.Equal((1L, Now), (task.Version, task.UpdatedAt));
    }

    [Fact]
    public void A_stale_change_tells_what_it_overwrote_and_only_that()
    {
        var task = New();
        task.Update(new TaskEdit { Title = "of another client" }, null, Later);
        task.Update(new TaskEdit { Priority = TaskPriority.High }, null, Later);

        var conflict = task.Update(new TaskEdit { Title = "mine", Description = "new" }, baseVersion: 1, Later)!.Conflict;

        Assert.Equal(1, conflict!.BaseVersion);
        Assert.Equal("title", Assert.Single(conflict.Overwritten).Field); // the description was nobody's, the priority stays
        Assert.Null(task.Update(new TaskEdit { Title = "again" }, task.Version, Later)!.Conflict);
    }

    [Fact]
    public void Completing_and_reopening_are_idempotent()
    {
        var task = New();

        var completed = task.Complete(Later);
        Assert.Equal(["status", "completed_at"], completed!.Changes.Select(change => change.Field));
        Assert.Equal((TaskItemStatus.Completed, Later, 2L), (task.Status, task.CompletedAt, task.Version));
        Assert.Null(task.Complete(Later));
        Assert.Equal(2, task.Version);

        Assert.NotNull(task.Reopen(null, Later));
        Assert.Equal((TaskItemStatus.Pending, (DateTimeOffset?)null, 3L), (task.Status, task.CompletedAt, task.Version));
        Assert.Null(task.Reopen(null, Later));
    }

    [Fact]
    public void A_status_is_set_by_the_transition_to_it()
    {
        var task = New();

        Assert.Null(task.SetStatus(null, null, null, Later));
        Assert.IsType<TaskCompleted>(task.SetStatus(TaskItemStatus.Completed, null, null, Later));
        Assert.IsType<TaskReopened>(task.SetStatus(TaskItemStatus.Pending, null, null, Later));
    }

    [Fact]
    public void Tags_are_added_behind_the_others_once_and_removed()
    {
        var task = New(new TaskEdit { Title = "a", Tags = new[] { "x", "y" } });

        task.AddTags(["y", "z"], Later);
        Assert.Equal(["x", "y", "z"], task.Tags);
        Assert.Null(task.AddTags(["x"], Later));

        task.RemoveTags(["x", "unknown"], Later);
        Assert.Equal(["y", "z"], task.Tags);
    }

    [Fact]
    public void It_has_50_tags_at_most()
    {
        var task = New(new TaskEdit { Title = "a", Tags = Enumerable.Range(0, TaskItem.MaxTags).Select(number => $"t{number}").ToArray() });

        var problem = Assert.Throws<ProblemException>(() => task.AddTags(["one more"], Later)).Problem;

        Assert.Equal((400, "tags"), (problem.Status, problem.Errors![0].Field));
        Assert.Equal(TaskItem.MaxTags, task.Tags.Length);
    }

    [Fact]
    public void A_recurring_task_needs_a_due_date()
    {
        var problem = Assert.Throws<ProblemException>(() => New(new TaskEdit { Title = "a", Recurrence = "daily" })).Problem;
        Assert.Equal("due_date", problem.Errors![0].Field);

        var task = Recurring();
        Assert.Throws<ProblemException>(() => task.Update(new TaskEdit { DueDate = new Optional<DueDate?>(null) }, null, Later));
    }

    [Fact]
    public void An_all_day_task_is_due_and_overdue_in_its_zone()
    {
        var task = New(new TaskEdit { Title = "a", DueDate = DueDate.On(new DateOnly(2026, 3, 2)), TimeZone = "Europe/Berlin" });
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 23, 0, 0, TimeSpan.Zero), task.DueAt);
        Assert.Equal(new DateTimeOffset(2026, 3, 2, 23, 0, 0, TimeSpan.Zero), task.OverdueAt);

        task.Update(new TaskEdit { TimeZone = "Asia/Tokyo" }, null, Later);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 15, 0, 0, TimeSpan.Zero), task.DueAt);
    }

    [Fact]
    public void A_task_that_recurs_is_the_first_of_its_series()
    {
        var task = Recurring();

        Assert.Equal((task.Id, 1, 1), (task.SeriesId, task.Occurrence, task.AnchorOccurrence));
        Assert.Equal(("2026-03-02", "2026-03-02"), (task.RecurrenceAnchor.ToString(), task.Scheduled.ToString()));
    }

    [Fact]
    public void Moving_an_occurrence_leaves_the_rhythm_alone_and_another_rule_begins_it_anew()
    {
        var task = Recurring();

        task.Update(new TaskEdit { DueDate = DueDate.On(new DateOnly(2026, 3, 5)) }, null, Later);
        Assert.Equal(("2026-03-02", "2026-03-02"), (task.RecurrenceAnchor.ToString(), task.Scheduled.ToString()));

        task.Update(new TaskEdit { Recurrence = "weekly" }, null, Later);
        Assert.Equal(("2026-03-05", "2026-03-05"), (task.RecurrenceAnchor.ToString(), task.Scheduled.ToString()));
    }

    [Fact]
    public void A_task_that_recurs_again_begins_another_series()
    {
        var task = Recurring();

        task.Update(new TaskEdit { Recurrence = new Optional<string?>(null) }, null, Later);
        Assert.Null(task.RecurrenceAnchor);

        task.Update(new TaskEdit { Recurrence = "daily" }, null, Later);
        Assert.NotEqual(task.Id, task.SeriesId);
        Assert.Equal(1, task.Occurrence);
    }

    [Fact]
    public void The_next_occurrence_is_a_copy_of_the_completed_one()
    {
        var task = Recurring();
        task.Complete(Later);

        var next = Next(task);

        Assert.Equal((task.Id, task.SeriesId, 2, task.Title, task.Recurrence), (next.ParentTaskId, next.SeriesId, next.Occurrence, next.Title, next.Recurrence));
        Assert.Equal(("2026-03-03", 1L), (next.DueDate!.Text, next.Version));
    }

    [Fact]
    public void Reopening_takes_an_untouched_next_occurrence_back_and_stays_in_the_series()
    {
        var task = Recurring();
        task.Complete(Later);
        var next = Next(task);
        Assert.True(task.MayHaveNext);
        Assert.True(task.TakesBack(next));

        var reopened = task.Reopen(next, Later);

        Assert.Equal("daily", task.Recurrence);
        Assert.DoesNotContain("recurrence", reopened!.Changes.Select(change => change.Field));
    }

    [Fact]
    public void Reopening_leaves_a_series_that_went_on_and_a_stale_recurrence_is_a_conflict_then()
    {
        var task = Recurring();
        task.Complete(Later);
        var next = Next(task);
        next.Update(new TaskEdit { Title = "worked on" }, null, Later);
        Assert.False(task.TakesBack(next));

        var reopened = task.Reopen(next, Later);

        Assert.Null(task.Recurrence);
        Assert.Contains("recurrence", reopened!.Changes.Select(change => change.Field));
        var conflict = task.Update(new TaskEdit { Recurrence = "weekly" }, baseVersion: 2, Later)!.Conflict;
        Assert.Contains("recurrence", conflict!.Overwritten.Select(change => change.Field));
    }

    [Fact]
    public void Deleting_is_a_version_too()
    {
        var task = New();

        Assert.Same(task, task.Delete(Later).Task);
        Assert.Equal((2L, Later), (task.Version, task.UpdatedAt));
    }

    [Fact]
    public void An_event_tells_consumers_everything_and_devices_what_changed()
    {
        var task = New();

        var messages = task.Update(new TaskEdit { Title = "b" }, null, Later)!.ToMessages().ToList();

        Assert.Equal(["task.updated.v1", "task.changed.v1"], messages.Select(message => message.Type));
        Assert.All(messages, message => Assert.Equal((task.Id, User, Later), (message.TaskId, message.UserId, message.Time)));
        Assert.Equal("b", Assert.IsType<TaskEventData>(messages[0].Data).TaskData.Title);
        Assert.Equal("""{"title":"b"}""", Assert.IsType<TaskChangeData>(messages[1].Data).Fields.GetRawText());
    }

    private static TaskItem New(TaskEdit? edit = null) => TaskItem.Create(Guid.CreateVersion7(), User, edit ?? new TaskEdit { Title = "a" }, null, Now).Task;

    private static TaskItem Recurring() => New(new TaskEdit { Title = "a", DueDate = DueDate.On(new DateOnly(2026, 3, 2)), Recurrence = "daily" });

    private static TaskItem Next(TaskItem completed)
    {
        var due = DueDate.On(new DateOnly(2026, 3, 3));
        return TaskItem.Follow(
            Guid.CreateVersion7(), TaskResponse.From(completed), completed.ToSeriesData()!, new SeriesOccurrence(2, WallTime.On(new DateOnly(2026, 3, 3)), due), Later).Task;
    }
}
