namespace TodoFlow.Domain.Accounts;

/// <summary>What a token may do. A sign-in may do everything; a personal access token only what it was made for.</summary>
[Flags]
public enum AccessScopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>tasks:read</c>: reads tasks, reminders and their history, and hears of changes as they happen.</summary>
    TasksRead = 1,

    /// <summary><c>tasks:write</c>: adds and changes tasks and reminders.</summary>
    TasksWrite = 2,

    /// <summary><c>tasks:delete</c>: deletes tasks.</summary>
    TasksDelete = 4,

    /// <summary><c>notifications</c>: reads notifications, and sets how they come.</summary>
    Notifications = 8,

    /// <summary><c>account</c>: the account itself: its sessions, tokens, password, and its end.</summary>
    Account = 16,

    /// <summary><c>calendar</c>: reads the feed for calendar programs, whose address holds its token. No other token has it, and no token with it another.</summary>
    Calendar = 32,

    /// <summary>Everything but the feed.</summary>
    All = TasksRead | TasksWrite | TasksDelete | Notifications | Account,
}

/// <summary>The names of scopes on the wire.</summary>
public static class ScopeNames
{
    private static readonly (AccessScopes Scope, string Name)[] Names =
    [
        (AccessScopes.TasksRead, "tasks:read"),
        (AccessScopes.TasksWrite, "tasks:write"),
        (AccessScopes.TasksDelete, "tasks:delete"),
        (AccessScopes.Notifications, "notifications"),
        (AccessScopes.Account, "account"),
        (AccessScopes.Calendar, "calendar"),
    ];

    /// <summary>The names that a token may be made with, in the order in which they are shown.</summary>
    public static IReadOnlyList<string> All { get; } = Of(AccessScopes.All);

    /// <summary>The names of some scopes.</summary>
    public static string[] Of(AccessScopes scopes) => [.. Names.Where(one => scopes.HasFlag(one.Scope)).Select(one => one.Name)];

    /// <summary>The scopes of some names; those that are unknown count for nothing.</summary>
    public static AccessScopes Parse(IEnumerable<string> names) =>
        names.Aggregate(AccessScopes.None, (scopes, name) => scopes | Array.Find(Names, one => one.Name == name).Scope);
}
