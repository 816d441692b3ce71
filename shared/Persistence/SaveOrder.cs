using System.Collections;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Update;
using TodoFlow.Events;

namespace TodoFlow.Persistence;

/// <summary>
/// The order in which a save writes rows, as far as their dependencies leave it open. The outbox comes after every other table, and
/// its rows in the order in which they were announced: an event's position is drawn while the rows that it is about are locked, so
/// positions tell what happened to a task in its order, also where it is deleted and made again under the same id.
/// </summary>
/// <remarks>Other rows are written by table and key, so that two saves lock what they share in the same order.</remarks>
internal sealed class SaveOrder : IComparer<IReadOnlyModificationCommand>
{
    /// <summary>The same order, of rows that are a table's each.</summary>
    public static IComparer<IUpdateEntry> OfEntries { get; } = Comparer<IUpdateEntry>.Create((x, y) =>
        Compare((x.EntityType.GetTableName()!, x.EntityState, x), (y.EntityType.GetTableName()!, y.EntityState, y)));

    public int Compare(IReadOnlyModificationCommand? x, IReadOnlyModificationCommand? y)
    {
        if (ReferenceEquals(x, y) || x is null || y is null)
        {
            return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        }

        return Compare((x.TableName, x.EntityState, x.Entries[0]), (y.TableName, y.EntityState, y.Entries[0]));
    }

    private static int Compare((string Table, EntityState State, IUpdateEntry Row) x, (string Table, EntityState State, IUpdateEntry Row) y)
    {
        var order = (x.Table == OutboxEventConfiguration.Table).CompareTo(y.Table == OutboxEventConfiguration.Table);
        order = order != 0 ? order : string.CompareOrdinal(x.Table, y.Table);
        order = order != 0 ? order : x.State.CompareTo(y.State); // deleted, modified, added
        return order != 0 ? order : CompareKeys(x.Row, y.Row);
    }

    private static int CompareKeys(IUpdateEntry x, IUpdateEntry y)
    {
        foreach (var property in x.EntityType.FindPrimaryKey()!.Properties)
        {
            var order = (x.GetCurrentValue(property), y.GetCurrentValue(property)) switch
            {
                (byte[] one, byte[] other) => one.AsSpan().SequenceCompareTo(other),
                var (one, other) => Comparer.Default.Compare(one, other),
            };
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }
}
