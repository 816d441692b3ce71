using System.Data.Common;
using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using TodoFlow.Events;

namespace TodoFlow.Persistence;

/// <summary>
/// Adds rows with the events that they announce, straight from the objects: for what is new and nothing else, such as a task, where
/// to track the rows cost more than to make them. One round trip, as <see cref="BatchingDatabase"/> does, and one transaction:
/// their own, or that of a unit of work.
/// </summary>
public sealed class NewRows(NpgsqlDataSource database, IDbContextFactory<TodoFlowDb> contexts, OutboxRelay relay)
{
    private IModel? _model;

    /// <summary>Adds rows, in their order, and then the events; all of them or none.</summary>
    /// <param name="rows">Entities, each after what it refers to.</param>
    /// <param name="facts">What they announce.</param>
    /// <param name="assumption">What must hold in the same transaction; null where the rows do not depend on anything.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="DbUpdateException">The database refused a row.</exception>
    /// <exception cref="OvertakenException">The assumption does not hold, and nothing was added.</exception>
    public async Task Add(IEnumerable<object> rows, IEnumerable<IFact> facts, IAssumption? assumption, CancellationToken ct)
    {
        var all = rows.ToList();
        var before = all.Count;
        foreach (var fact in facts)
        {
            all.AddRange(fact.ToEvents(all.Count - before));
        }

        await using var batch = database.CreateBatch();
        if (assumption is not null)
        {
            batch.BatchCommands.Add(assumption.Check());
        }

        await Run(batch, Model, all, ct);
        if (all.Count > before)
        {
            relay.Kick();
        }
    }

    /// <summary>Adds rows, in their order, and then events, in the transaction of a unit of work; the relay is kicked when that is committed.</summary>
    /// <param name="db">The unit of work, in a transaction. It does not track the rows.</param>
    /// <param name="rows">Entities, each after what it refers to.</param>
    /// <param name="events">What they announce.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="DbUpdateException">The database refused a row.</exception>
    public static async Task Add(TodoFlowDb db, IEnumerable<object> rows, IReadOnlyList<OutboxEvent> events, CancellationToken ct)
    {
        await using var batch = db.CreateBatch();
        await Run(batch, db.Model, [.. rows, .. events], ct);
        if (events.Count > 0)
        {
            db.Attach(events[^1]); // as one that is stored: OutboxKick looks for any
        }
    }

    private static async Task Run(NpgsqlBatch batch, IModel model, List<object> rows, CancellationToken ct)
    {
        AddStatements(batch, model, CollectionsMarshal.AsSpan(rows));
        try
        {
            await batch.ExecuteNonQueryAsync(ct);
        }
        catch (PostgresException error) when (error.SqlState == OvertakenException.SqlState)
        {
            throw new OvertakenException(error);
        }
        catch (DbException error)
        {
            throw new DbUpdateException("The rows could not be added.", error);
        }
    }

    private static void AddStatements(NpgsqlBatch batch, IModel model, ReadOnlySpan<object> rows)
    {
        while (!rows.IsEmpty)
        {
            var type = rows[0].GetType();
            var alike = 1;
            while (alike < rows.Length && rows[alike].GetType() == type)
            {
                alike++;
            }

            RowInsertion.For(model.FindEntityType(type)!)!.AddTo(batch, rows[..alike], static (row, property) => property.GetGetter().GetClrValue(row));
            rows = rows[alike..];
        }
    }

    private IModel Model
    {
        get
        {
            if (_model is null)
            {
                using var db = contexts.CreateDbContext();
                _model = db.Model;
            }

            return _model;
        }
    }
}

/// <summary>Something that was read, or remembered, before rows were made of it, and must still hold when they are stored.</summary>
public interface IAssumption
{
    /// <summary>A statement that fails with <see cref="OvertakenException.SqlState"/> where it does not hold.</summary>
    NpgsqlBatchCommand Check();
}

/// <summary>Something that was assumed does not hold any more: read it, and begin again.</summary>
public sealed class OvertakenException(PostgresException error) : Exception("What was assumed has changed.", error)
{
    /// <summary>What the function <c>raise_overtaken()</c> fails with; classes from T to Z are no standard's.</summary>
    public const string SqlState = "TF001";
}
