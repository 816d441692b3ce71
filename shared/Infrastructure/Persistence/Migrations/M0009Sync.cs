using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Infrastructure.Persistence.Migrations;

/// <summary>What devices that were away are told: <c>M0009Sync.sql</c>.</summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261128000900_sync")]
public sealed class M0009Sync : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Script<M0009Sync>();

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        alter table audit_entry drop column client_time;
        drop trigger record_removed on task_item;
        drop trigger record_removed on trashed_task;
        drop trigger record_removed on reminder;
        drop trigger record_removed on notification;
        drop table sync_command, sync_epoch, tombstone;
        drop trigger stamp_changed on task_item;
        drop trigger stamp_changed on reminder;
        drop trigger stamp_changed on notification;
        drop trigger stamp_changed on notification_preference;
        drop function stamp_change(), record_removal();
        alter table task_item drop column changed_xid;
        alter table reminder drop column changed_xid;
        alter table notification drop column changed_xid;
        alter table notification_preference drop column changed_xid;
        """);
}
