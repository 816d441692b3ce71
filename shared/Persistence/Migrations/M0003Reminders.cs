using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Persistence.Migrations;

/// <summary>Reminders, and the queue of those that wait for their instant.</summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261122000300_reminders")]
public sealed class M0003Reminders : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        -- No foreign key to the task: a reminder tells what became of it when the task is gone.
        create table reminder (
            id uuid not null constraint pk_reminder primary key,
            task_id uuid not null,
            user_id uuid not null constraint fk_reminder_user_id references app_user (id) on delete cascade,
            remind_at timestamptz not null,
            reminder_offset text,
            of_task boolean not null,
            snoozed boolean not null,
            status smallint not null,
            due_at timestamptz,
            fired_at timestamptz,
            due_event_id uuid,
            late boolean not null,
            retry_count integer not null,
            sent_at timestamptz,
            reason text,
            created_at timestamptz not null,
            updated_at timestamptz not null
        );
        comment on column reminder.status is '0 pending, 1 sent, 2 failed, 3 cancelled';
        create index ix_reminder_due_at on reminder (due_at) where due_at is not null;
        create index ix_reminder_ended on reminder (updated_at) where due_at is null;
        create index ix_reminder_user_id_task_id on reminder (user_id, task_id);
        create index ix_reminder_user_id_status_remind_at on reminder (user_id, status, remind_at, id);

        -- What happened to a reminder besides what its row tells: moves, snoozes, earlier firings.
        create table reminder_step (
            id uuid not null constraint pk_reminder_step primary key,
            reminder_id uuid not null constraint fk_reminder_step_reminder_id references reminder (id) on delete cascade,
            step text not null,
            occurred_at timestamptz not null,
            remind_at timestamptz,
            detail text
        );
        create index ix_reminder_step_reminder_id on reminder_step (reminder_id, occurred_at);
        """);

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        drop table reminder_step;
        drop table reminder;
        """);
}
