using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Chat;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>
/// Writes all that is stored of the caller as one JSON object, a page of a list after the other, as fast as the client takes them: however
/// much it is, no more than a page is held (<see cref="MemorySettings.PageBytes"/>), and no database connection while the client reads.
/// </summary>
/// <remarks>
/// So it is no snapshot: what is changed while it is written may be there as it was or as it is, and a task that goes to the trash meanwhile
/// may be in both lists.
/// </remarks>
public sealed class AccountExport(
    UnitOfWork work, UserAccounts users, PreferenceStore preferences, Sessions sessions, PersonalTokens tokens, ExportedTasks tasks, TrashList trash,
    NotificationList notifications, ExportedHistories history, Conversations conversations, BytesInFlight inFlight, IOptions<MemorySettings> memory, Caller caller, TimeProvider clock)
{
    /// <summary>The name of the format, in the field <c>format</c>.</summary>
    public const string Format = "todoflow";

    /// <summary>The version of the format.</summary>
    public const int Version = 1;

    private const int Rows = 200;

    /// <summary>Writes everything.</summary>
    /// <param name="to">Where it goes.</param>
    /// <param name="begin">Called once the first page has been read: what fails before can still be a problem.</param>
    /// <param name="ct">Ends the work.</param>
    /// <exception cref="ProblemException">401: the account was deleted; 503: the process holds as many bytes as it may.</exception>
    public async Task Write(PipeWriter to, Action begin, CancellationToken ct)
    {
        var (user, json) = (caller.UserId, TransferJson.Wire);
        var profile = MeResponse.From(await users.Get(user, ct));
        var preferred = await preferences.Read(ct);
        var signedIn = await sessions.List(caller.Subject, ct);
        var named = await tokens.List(user, ct);
        var browsers = await work.Db.Set<Domain.Notifications.PushSubscription>().AsNoTracking().Where(browser => browser.UserId == user).OrderBy(browser => browser.Id).ToListAsync(ct);

        begin();
        await using var writer = new Utf8JsonWriter(to, new() { Encoder = json.Options.Encoder });
        writer.WriteStartObject();
        writer.WriteString("format"u8, Format);
        writer.WriteNumber("version"u8, Version);
        writer.WriteString("exported_at"u8, clock.GetUtcNow().UtcDateTime);
        writer.WritePropertyName("profile"u8);
        JsonSerializer.Serialize(writer, profile, json.MeResponse);
        writer.WritePropertyName("preferences"u8);
        JsonSerializer.Serialize(writer, preferred, json.PreferencesResponse);
        List(writer, "sessions", signedIn, json.SessionResponse);
        List(writer, "tokens", named.Select(token => new ExportedToken(token.Name, token.Scopes, token.CreatedAt, token.ExpiresAt)), json.ExportedToken);
        List(
            writer, "push_subscriptions",
            browsers.Select(browser => new ExportedPushSubscription(browser.Id, new Uri(browser.Endpoint).Host, browser.CreatedAt, browser.ExpiresAt)),
            json.ExportedPushSubscription);

        await Pages(writer, to, "tasks", json.ExportedTask, (last, budget) => tasks.Page(user, last, budget, ct), ct);
        TaskCursor? cursor = null;
        await Pages(
            writer, to, "trash", json.TrashedTaskResponse,
            async (_, budget) =>
            {
                (var page, cursor) = await trash.Page(user, Rows, cursor, budget, ct);
                return (page, cursor is not null);
            },
            ct);
        await Pages(writer, to, "notifications", json.NotificationResponse, (last, budget) => notifications.Page(user, null, last?.Id, Rows, budget, ct), ct);
        await Pages(
            writer, to, "conversations", json.ConversationResponse,
            async (last, budget) =>
            {
                var (next, more) = await conversations.Page(user, last?.Id, 1, ct);
                var read = next.Count == 0 ? null : await conversations.Get(user, next[0].Id, ct); // null where it was deleted just now
                budget.Add(read?.Messages.Sum(message => (long)message.Text.Length) ?? 0);
                return (read is null ? [] : [read], more && read is not null);
            },
            ct);
        await Pages(writer, to, "history", json.ExportedHistory, (last, budget) => history.Page(user, last, budget, ct), ct);
        writer.WriteEndObject();
        await writer.FlushAsync(ct);
        await to.FlushAsync(ct);
    }

    private static void List<T>(Utf8JsonWriter writer, string name, IEnumerable<T> items, JsonTypeInfo<T> type)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            JsonSerializer.Serialize(writer, item, type);
        }

        writer.WriteEndArray();
    }

    // Each page is counted among the bytes that the process holds until the client has taken it.
    private async Task Pages<T>(
        Utf8JsonWriter writer, PipeWriter to, string name, JsonTypeInfo<T> type, Func<T?, PageBudget, Task<(List<T> Page, bool More)>> read, CancellationToken ct)
        where T : class
    {
        writer.WriteStartArray(name);
        T? last = null;
        bool more;
        do
        {
            using var bytes = new RequestBytes(inFlight);
            (var page, more) = await read(last, new PageBudget(bytes, memory));
            foreach (var item in page)
            {
                JsonSerializer.Serialize(writer, item, type);
            }

            last = page.Count > 0 ? page[^1] : null;
            await writer.FlushAsync(ct);
            await to.FlushAsync(ct);
        }
        while (more);
        writer.WriteEndArray();
    }
}
