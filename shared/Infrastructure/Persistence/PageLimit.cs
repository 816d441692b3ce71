using System.Globalization;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>Cuts a page out of what a statement finds.</summary>
internal static class PageLimit
{
    /// <summary>
    /// The end of the statement. The numbers stand in it: of a limit that is a parameter PostgreSQL expects a tenth of all rows, and plans for
    /// those.
    /// </summary>
    /// <param name="limit">How many rows at most.</param>
    /// <param name="offset">How many are skipped.</param>
    public static string Sql(int limit, int offset = 0) =>
        string.Create(CultureInfo.InvariantCulture, $"limit {limit}{(offset > 0 ? $" offset {offset}" : "")}");
}
