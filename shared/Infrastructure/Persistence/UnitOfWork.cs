using Microsoft.EntityFrameworkCore;
using Npgsql;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Persistence.Rows;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>
/// One change of what is stored: the rows that it adds, changes and removes, and the domain events that it raises, all of them or none.
/// They are written together with the commit, in one round trip. What is not hot is changed by Entity Framework in the same transaction
/// (<see cref="Db"/>).
/// </summary>
/// <remarks>
/// Rows that are changed or removed are locked first, in the order that <c>TaskReminders</c> describes, so no write has to look
/// whether somebody was faster. Removed tasks are written first, since a series has one open occurrence; the outbox comes last, in the
/// order in which the events were raised: an event's position is drawn while the rows that it is about are locked, so positions tell what
/// happened to a task in its order, also where it is deleted and made again under the same id.
/// </remarks>
/// <param name="contexts">Makes the context of a change that needs one; most do not.</param>
/// <param name="database">Where statements go.</param>
/// <param name="listeners">Whoever is told of the commit.</param>
public sealed partial class UnitOfWork(IDbContextFactory<TodoFlowDb> contexts, NpgsqlDataSource database, CommitListeners listeners) : IAsyncDisposable, IDisposable
{
    // A writer loses this often only while as many others win: then the response is to try again later.
    private const int MaxAttempts = 50;

    private readonly List<Action<bool>> _whenEnded = [];
    private TodoFlowDb? _db;
    private NpgsqlConnection? _connection; // of the transaction
    private NpgsqlTransaction? _transaction;

    /// <summary>The context for what is read, and for changes of what is not hot. Its saves are part of the transaction once that has begun.</summary>
    public TodoFlowDb Db
    {
        get
        {
            if (_db is null)
            {
                _db = contexts.CreateDbContext();
                Enlist();
            }

            return _db;
        }
    }

    /// <summary>How often the change under way was begun, from 1; 0 outside <see cref="Run"/>.</summary>
    public int Attempt { get; private set; }

    /// <summary>Whether a transaction has begun.</summary>
    public bool InTransaction => _transaction is not null;

    /// <summary>
    /// Makes a change and commits it. Where another writer was faster it is made again on the newer state; within a change that is under
    /// way, such as an idempotent request's, it is a part of that one.
    /// </summary>
    /// <param name="change">Makes the change; nothing of it is written before it ends, but for what it flushes or saves itself.</param>
    /// <param name="ct">Ends the wait; the transaction rolls back.</param>
    /// <exception cref="ProblemException">503: others were faster, again and again.</exception>
    public async Task<T> Run<T>(Func<Task<T>> change, CancellationToken ct)
    {
        if (Attempt > 0)
        {
            return await change();
        }

        try
        {
            for (Attempt = 1; ; Attempt++)
            {
                try
                {
                    var result = await change();
                    await Commit(ct);
                    return result;
                }
                catch (Exception error) when (IsConflict(error))
                {
                    await Reset();
                    if (Attempt == MaxAttempts)
                    {
                        throw new Problem(503, "too_many_writers", "Too many others are changing this task. Try again.")
                        {
                            RetryAfter = TimeSpan.FromSeconds(1),
                        }.AsException();
                    }
                }
            }
        }
        finally
        {
            Attempt = 0;
            await Reset();
        }
    }

    /// <summary>Begins the transaction, unless it has begun. That costs no round trip: it is sent with the first statement.</summary>
    /// <exception cref="InvalidOperationException">The write has a condition, which only a change without a transaction can keep.</exception>
    public async Task Begin(CancellationToken ct)
    {
        if (_condition is not null)
        {
            throw new InvalidOperationException("A change with a condition begins no transaction.");
        }

        if (_transaction is null)
        {
            _connection ??= await database.OpenConnectionAsync(ct);
            _transaction = await _connection.BeginTransactionAsync(ct);
            Enlist();
        }
    }

    /// <summary>Statements to read by, in the transaction once that has begun.</summary>
    internal NpgsqlBatch CreateBatch() => _transaction is null ? database.CreateBatch() : new NpgsqlBatch(_connection, _transaction);

    /// <summary>Lets what follows over <see cref="Db"/>, outside a transaction, take other connections and another time: a timer is no request.</summary>
    internal void Use(NpgsqlDataSource other, TimeSpan timeout)
    {
        Db.Database.SetDbConnection(other.CreateConnection(), contextOwnsConnection: true);
        Db.Database.SetCommandTimeout(timeout);
    }

    /// <summary>Tells once the change under way has ended whether it was committed; at once, where none is.</summary>
    internal void WhenEnded(Action<bool> tell)
    {
        if (Attempt > 0 || InTransaction)
        {
            _whenEnded.Add(tell);
        }
        else
        {
            tell(true);
        }
    }

    /// <summary>Writes what there is so far, in the transaction, so that the rest of the change can read it.</summary>
    public async Task Flush(CancellationToken ct)
    {
        await Begin(ct);
        await using var batch = CreateBatch();
        _rows.AddTo(batch, _condition);
        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(ct);
        }

        Clear();
    }

    /// <summary>Writes everything and commits, in one round trip.</summary>
    /// <param name="ct">Ends the wait; the transaction rolls back.</param>
    /// <param name="tell">Whether whoever waits for events and reminders is told now.</param>
    /// <exception cref="ConcurrencyConflictException">What the rows were made of has changed: nothing was written.</exception>
    /// <exception cref="PostgresException">The database refused a row: nothing was written.</exception>
    public async Task Commit(CancellationToken ct, bool tell = true)
    {
        await using var batch = CreateBatch();
        _rows.AddTo(batch, _condition);
        if (_transaction is not null)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
        }

        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(ct);
        }

        if (_condition is { } condition && batch.BatchCommands[^1].RecordsAffected == 0)
        {
            condition.Failed();
            throw new ConcurrencyConflictException();
        }

        var (shards, firstReminder) = (_shards, _firstReminder);
        End(committed: true);
        await Reset(); // whoever is told finds it committed
        if (tell)
        {
            listeners.Tell(shards, firstReminder);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult(); // scopes that are not asynchronous

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Reset();
        if (_db is { } db)
        {
            _db = null;
            await db.DisposeAsync();
        }
    }

    private void End(bool committed)
    {
        _whenEnded.ForEach(tell => tell(committed));
        _whenEnded.Clear();
    }

    private void Clear()
    {
        _rows.Clear();
        _condition = null;
    }

    // The context takes part in the transaction, whichever of them was there first.
    private void Enlist()
    {
        if (_db is { } db && _transaction is { } transaction)
        {
            db.Database.SetDbConnection(_connection);
            db.Database.UseTransaction(transaction);
        }
    }

    // Rolls back, unless the transaction was committed; Entity Framework's knowledge of what it changed goes with it.
    private async Task Reset()
    {
        End(committed: false);
        Clear();
        (_raised, _shards, _firstReminder) = (0, [], null);
        await using var connection = _connection;
        await using var transaction = _transaction; // ended before its connection goes back to the pool
        (_connection, _transaction) = (null, null);
        if (transaction is not null && _db is { } db)
        {
            db.ChangeTracker.Clear();
            await db.Database.CurrentTransaction!.DisposeAsync(); // it leaves the connection alone, which is not its own
            db.Database.SetDbConnection(null); // its next statement takes one of the pool
        }
    }

    // Rows are locked before they are changed. What is left: preferences that changed, an id that somebody else took, and a consumer that
    // just made the next occurrence of a series.
    private static bool IsConflict(Exception error) => error is ConcurrencyConflictException
        or PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: TaskItemRows.PrimaryKey or TaskItemRows.OpenOccurrence };
}

/// <summary>Another writer was faster: what the change was made of is not so any more.</summary>
public sealed class ConcurrencyConflictException() : Exception("Another writer was faster.");
