namespace TodoFlow.Infrastructure.Transfer;

/// <summary>The token of a calendar feed.</summary>
/// <param name="Id">The id in the list of tokens.</param>
/// <param name="Token">The token.</param>
/// <param name="Path">The path of the feed, with the token; the calendar program is told it with the server's address before it.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record CalendarTokenResponse(Guid Id, string Token, string Path, DateTimeOffset CreatedAt);
