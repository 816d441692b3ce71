using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Notifications;
using TodoFlow.Events;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Reminders;
using TodoFlow.Reminders;
using TodoFlow.Tasks;

namespace TodoFlow.Persistence;

/// <summary>Everything that TodoFlow stores. Pooled: it keeps no state of its own between units of work.</summary>
public sealed class TodoFlowDb : DbContext
{
    /// <summary>Made by the pool.</summary>
    public TodoFlowDb(DbContextOptions<TodoFlowDb> options)
        : base(options) =>
        ChangeTracker.AutoDetectChangesEnabled = false; // a save looks once; Entity Framework would whenever it is asked what it tracks

    /// <summary>Tasks.</summary>
    public DbSet<TaskItem> Tasks => Set<TaskItem>();

    /// <summary>Users.</summary>
    public DbSet<User> Users => Set<User>();

    /// <summary>Refresh tokens that were given out.</summary>
    public DbSet<RefreshToken> RefreshTokens => Set<RefreshToken>();

    /// <summary>Answers kept for repeated requests.</summary>
    public DbSet<IdempotentAnswer> IdempotentAnswers => Set<IdempotentAnswer>();

    /// <summary>Reminders.</summary>
    public DbSet<Reminder> Reminders => Set<Reminder>();

    /// <summary>What users were told.</summary>
    public DbSet<Notification> Notifications => Set<Notification>();

    /// <summary>Notifications on their way.</summary>
    public DbSet<Delivery> Deliveries => Set<Delivery>();

    /// <summary>Events on their way.</summary>
    public DbSet<OutboxEvent> Outbox => Set<OutboxEvent>();

    /// <summary>Records that never took effect.</summary>
    public DbSet<DeadLetter> DeadLetters => Set<DeadLetter>();

    /// <summary>Adds the events of a fact to the outbox; the next save stores them with their cause, or neither.</summary>
    public void Announce(IFact fact) => Outbox.AddRange(fact.ToEvents(Outbox.Local.Count));

    /// <summary>The transaction that the save under way ends with; null where none does.</summary>
    internal IDbContextTransaction? Ending { get; private set; }

    /// <summary>What the save under way does besides writing rows, before that.</summary>
    internal IReadOnlyList<NpgsqlBatchCommand> Besides { get; private set; } = [];

    /// <summary>Begins a transaction; null within one that is under way, such as an idempotent request's, which is its owner's to commit.</summary>
    public async Task<IDbContextTransaction?> BeginOwn(CancellationToken ct) =>
        Database.CurrentTransaction is null ? await Database.BeginTransactionAsync(ct) : null;

    /// <summary>A batch of statements of our own, in the transaction that is under way, if one is.</summary>
    internal NpgsqlBatch CreateBatch() => new((NpgsqlConnection)Database.GetDbConnection(), (NpgsqlTransaction?)Database.CurrentTransaction?.GetDbTransaction());

    /// <summary>Saves, and ends a transaction with that.</summary>
    /// <param name="own">What <see cref="BeginOwn"/> gave; null leaves the transaction to its owner.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task SaveAndCommit(IDbContextTransaction? own, CancellationToken ct)
    {
        Ending = own;
        try
        {
            await SaveChangesAsync(ct);
        }
        finally
        {
            Ending = null;
        }

        if (own is not null && Database.CurrentTransaction == own)
        {
            await own.CommitAsync(ct); // there was nothing to save, or Entity Framework saved it
        }
    }

    /// <summary>Saves, and lets the reminders of tasks that changed follow, in one transaction.</summary>
    /// <inheritdoc/>
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        DetectChanges();
        var causes = ReminderCauses.Of(this);
        if (causes.None)
        {
            return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        }

        await using var transaction = causes.NeedStored ? await BeginOwn(cancellationToken) : null;
        Besides = await causes.Follow(cancellationToken);
        try
        {
            DetectChanges();
            var rows = await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
            if (transaction is not null)
            {
                await transaction.CommitAsync(cancellationToken);
            }

            return rows;
        }
        finally
        {
            Besides = [];
        }
    }

    // A new row is written as it is.
    private void DetectChanges()
    {
        if (ChangeTracker.Entries().Any(entry => entry.State != EntityState.Added))
        {
            ChangeTracker.DetectChanges();
        }
    }

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Conventions.Add(_ => new SnakeCaseNames());

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(TodoFlowDb).Assembly);
}
