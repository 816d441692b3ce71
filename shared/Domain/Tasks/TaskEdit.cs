using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Recurrence;

namespace TodoFlow.Domain.Tasks;

/// <summary>The fields of a task that a client may set; those that it did not name are not set.</summary>
public sealed record TaskEdit
{
    /// <inheritdoc cref="TaskItem.Title"/>
    public Optional<string> Title { get; init; }

    /// <inheritdoc cref="TaskItem.Description"/>
    public Optional<string?> Description { get; init; }

    /// <inheritdoc cref="TaskItem.Priority"/>
    public Optional<TaskPriority> Priority { get; init; }

    /// <inheritdoc cref="TaskItem.Tags"/>
    public Optional<string[]> Tags { get; init; }

    /// <inheritdoc cref="TaskItem.DueDate"/>
    public Optional<DueDate?> DueDate { get; init; }

    /// <inheritdoc cref="TaskItem.TimeZone"/>
    public Optional<string> TimeZone { get; init; }

    /// <inheritdoc cref="TaskItem.Recurrence"/>
    public Optional<string?> Recurrence { get; init; }

    /// <summary>The rule of <see cref="Recurrence"/> as it was written, whose DTSTART the series begins with if it has one.</summary>
    public RecurrenceRule? Rule { get; init; }

    /// <inheritdoc cref="TaskItem.RecurrenceBasis"/>
    public Optional<RecurrenceBasis> RecurrenceBasis { get; init; }

    /// <inheritdoc cref="TaskItem.ReminderOffset"/>
    public Optional<string?> ReminderOffset { get; init; }

    /// <summary>Whether it names a field that reminders follow.</summary>
    public bool MovesReminders => DueDate.IsSet || TimeZone.IsSet || ReminderOffset.IsSet;
}

/// <summary>A value that may be absent, which is not the same as null.</summary>
public readonly record struct Optional<T> : IOptional
{
    /// <summary>A value that is there.</summary>
    public Optional(T value)
    {
        (IsSet, Value) = (true, value);
    }

    /// <summary>Whether the value is there.</summary>
    public bool IsSet { get; }

    /// <summary>The value; the type's default where it is absent.</summary>
    public T? Value { get; }

    object? IOptional.Value => Value;

    /// <summary>The value, or <paramref name="current"/> where it is absent.</summary>
    public T Or(T current) => IsSet ? Value! : current;

    /// <summary>Carries the value over, where it is there.</summary>
    public Optional<TOther> Select<TOther>(Func<T, TOther> map) => IsSet ? new(map(Value!)) : default;

    /// <summary>A value that is there.</summary>
    public static implicit operator Optional<T>(T value) => new(value);
}

/// <summary>An <see cref="Optional{T}"/> of any type.</summary>
public interface IOptional
{
    /// <summary>The value; null where it is absent.</summary>
    object? Value { get; }
}
