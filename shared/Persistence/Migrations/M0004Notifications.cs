using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Persistence.Migrations;

/// <summary>Notifications, the queue of their deliveries over channels, and what users prefer.</summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261122000400_notifications")]
public sealed class M0004Notifications : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        -- No foreign key to the task or the reminder: a notification stays when they are gone.
        create table notification (
            id uuid not null constraint pk_notification primary key,
            user_id uuid not null constraint fk_notification_user_id references app_user (id) on delete cascade,
            task_id uuid not null,
            reminder_id uuid,
            event_id uuid not null,
            title text not null,
            body text not null,
            remind_at timestamptz,
            late boolean not null,
            listed boolean not null,
            created_at timestamptz not null,
            read_at timestamptz
        );
        create unique index ix_notification_event_id on notification (event_id);
        create index ix_notification_user_id on notification (user_id, id);
        create index ix_notification_unread on notification (user_id) where read_at is null and listed;
        create index ix_notification_reminder_id on notification (reminder_id) where reminder_id is not null;

        create table delivery (
            id uuid not null constraint pk_delivery primary key,
            notification_id uuid not null constraint fk_delivery_notification_id references notification (id) on delete cascade,
            user_id uuid not null,
            channel text not null,
            status smallint not null,
            due_at timestamptz,
            attempts integer not null,
            reason text,
            created_at timestamptz not null,
            deferred_at timestamptz,
            deferred_until timestamptz,
            collapsed_into uuid,
            ended_at timestamptz
        );
        create index ix_delivery_notification_id on delivery (notification_id);
        create index ix_delivery_due on delivery (channel, due_at) where due_at is not null;
        create index ix_delivery_deferred on delivery (user_id, channel) where status = 1;
        create index ix_delivery_collapsed_into on delivery (collapsed_into) where collapsed_into is not null;

        create table delivery_attempt (
            delivery_id uuid not null constraint fk_delivery_attempt_delivery_id references delivery (id) on delete cascade,
            number integer not null,
            started_at timestamptz not null,
            ended_at timestamptz,
            outcome text,
            reason text,
            constraint pk_delivery_attempt primary key (delivery_id, number)
        );

        create table notification_preference (
            user_id uuid not null constraint pk_notification_preference primary key
                constraint fk_notification_preference_user_id references app_user (id) on delete cascade,
            channels text[],
            quiet_from time,
            quiet_to time,
            time_zone text,
            default_reminder_offset text,
            all_day_reminder_time time not null,
            updated_at timestamptz not null
        );
        """);

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        drop table notification_preference;
        drop table delivery_attempt;
        drop table delivery;
        drop table notification;
        """);
}
