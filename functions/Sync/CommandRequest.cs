using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;

namespace TodoFlow.Functions.Sync;

/// <summary>What a command does.</summary>
[JsonConverter(typeof(SnakeCaseEnum<CommandType>))]
public enum CommandType
{
    /// <summary>Adds the task <c>task_id</c>; args are those of POST /api/tasks.</summary>
    Create,

    /// <summary>Changes fields of a task; args are those of PUT /api/tasks/{id}.</summary>
    Update,

    /// <summary>Marks a task done.</summary>
    Complete,

    /// <summary>Marks a task to be done again.</summary>
    Reopen,

    /// <summary>Moves a task to the trash; one that is not there is deleted already.</summary>
    Delete,

    /// <summary>Brings a task back from the trash.</summary>
    Restore,

    /// <summary>Adds tags to a task; args has tags.</summary>
    AddTags,

    /// <summary>Removes tags from a task; args has tags.</summary>
    RemoveTags,

    /// <summary>Plans a reminder of a task; args are those of POST /api/reminders.</summary>
    SetReminder,

    /// <summary>Takes a reminder back; args has reminder_id.</summary>
    RemoveReminder,

    /// <summary>Lets a reminder ring later; args has reminder_id, and minutes or until.</summary>
    Snooze,

    /// <summary>Marks a notification as read; args has notification_id.</summary>
    ReadNotification,
}

/// <summary>A change that was made on a device.</summary>
public sealed record CommandRequest
{
    /// <summary>The command's id.</summary>
    [Required, Description("A UUID of the device's own: sent again, the command is not run again.")]
    public Guid Id { get; set; }

    /// <summary>What it does.</summary>
    [Required, Description("create, update, complete, reopen, delete, restore, add_tags, remove_tags, set_reminder, remove_reminder, snooze or read_notification.")]
    public CommandType Type { get; set; }

    /// <summary>The task that it is about.</summary>
    [Description("The task; for remove_reminder, snooze and read_notification args names what they are about.")]
    public Guid? TaskId { get; set; }

    /// <summary>What it says.</summary>
    [Description("What it says, in the fields of the request that does the same.")]
    public JsonElement? Args { get; set; }

    /// <summary>The version of the task that the device had.</summary>
    [Range(1, double.MaxValue), Description("The version of the task that the device had: which fields of others' the change overwrote is in the result.")]
    public long? BaseVersion { get; set; }

    /// <summary>When the change was made, as the device's clock has it.</summary>
    [Description("When the change was made, as the device's clock has it. It is kept in the history, and decides nothing.")]
    public DateTimeOffset? ClientTime { get; set; }
}

/// <summary>The reminder that a command is about.</summary>
public sealed record ReminderArgs
{
    /// <summary>The reminder.</summary>
    [Required]
    public Guid ReminderId { get; set; }
}

/// <summary>The notification that a command is about.</summary>
public sealed record NotificationArgs
{
    /// <summary>The notification.</summary>
    [Required]
    public Guid NotificationId { get; set; }
}
