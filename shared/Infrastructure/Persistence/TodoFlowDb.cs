using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Messaging.Consumers;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>
/// Everything that TodoFlow stores, as Entity Framework maps it: for queries, and for changes of what is not hot. Tasks, reminders and
/// events are written by a <see cref="UnitOfWork"/>.
/// </summary>
public sealed class TodoFlowDb : DbContext
{
    /// <summary>Made by the pool.</summary>
    public TodoFlowDb(DbContextOptions<TodoFlowDb> options)
        : base(options) =>
        Database.AutoSavepointsEnabled = false; // where a save fails, its transaction does

    /// <summary>Tasks.</summary>
    public DbSet<TaskItem> Tasks => Set<TaskItem>();

    /// <summary>Users.</summary>
    public DbSet<User> Users => Set<User>();

    /// <summary>Sign-ins.</summary>
    public DbSet<Session> Sessions => Set<Session>();

    /// <summary>Refresh tokens that were given out.</summary>
    public DbSet<RefreshToken> RefreshTokens => Set<RefreshToken>();

    /// <summary>Responses kept for repeated requests.</summary>
    public DbSet<IdempotentResponse> IdempotentResponses => Set<IdempotentResponse>();

    /// <summary>Reminders.</summary>
    public DbSet<Reminder> Reminders => Set<Reminder>();

    /// <summary>What users were told.</summary>
    public DbSet<Notification> Notifications => Set<Notification>();

    /// <summary>Notifications on their way.</summary>
    public DbSet<Delivery> Deliveries => Set<Delivery>();

    /// <summary>Events on their way.</summary>
    public DbSet<OutboxEvent> Outbox => Set<OutboxEvent>();

    /// <summary>Records that were parked.</summary>
    public DbSet<DeadLetter> DeadLetters => Set<DeadLetter>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(TodoFlowDb).Assembly);
}
