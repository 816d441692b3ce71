using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Infrastructure.Persistence.Migrations;

/// <summary>
/// Lists of a tag by due date, and lists by priority, each in the order of an index (<c>M0015Lists.sql</c>). The due dates of tags that are
/// there are filled in user by user, each in a transaction of its own, and the indexes are made while tasks are written.
/// </summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261128001500_lists")]
public sealed class M0015Lists : Migration
{
    // A tag that changes meanwhile is written by the new trigger, and gone from where it was.
    private const string FillDueDates =
        """
        do $$
            declare
                owner uuid;
            begin
                for owner in select id from app_user loop
                    update task_tag set due_at = task_item.due_at from task_item
                        where task_tag.user_id = owner and task_item.user_id = owner and task_item.id = task_tag.task_id
                            and task_tag.due_at is distinct from task_item.due_at;
                    commit;
                end loop;
            end $$
        """;

    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Script<M0015Lists>();
        string[] steps =
        [
            FillDueDates,
            "drop index if exists ix_task_tag_due_at, ix_task_item_user_id_priority", // ones that were left half made
            "create index concurrently ix_task_tag_due_at on task_tag (user_id, tag, due_at, task_id)",
            "create index concurrently ix_task_item_user_id_priority on task_item (user_id, priority, id)",
            "drop index concurrently if exists ix_task_item_user_id_priority_due_at",
            "vacuum (analyze) task_tag", // lists look into its indexes alone
        ];
        foreach (var step in steps)
        {
            migrationBuilder.Sql(step, suppressTransaction: true);
        }
    }

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        create index ix_task_item_user_id_priority_due_at on task_item (user_id, priority, due_at, id);
        drop index ix_task_item_user_id_priority;
        create or replace function keep_task_tags() returns trigger language plpgsql as $$
            begin
                if tg_op <> 'INSERT' then
                    delete from task_tag
                    where user_id = old.user_id and tag = any(old.tags) and created_at = old.created_at and task_id = old.id;
                end if;
                if tg_op <> 'DELETE' then
                    insert into task_tag (user_id, tag, created_at, task_id)
                    select distinct new.user_id, tag, new.created_at, new.id from unnest(new.tags) as tag;
                end if;
                return null;
            end $$;
        create or replace trigger keep_tags_of_changed after update of user_id, tags, created_at, id on task_item
            for each row when ((new.user_id, new.tags, new.created_at, new.id) is distinct from (old.user_id, old.tags, old.created_at, old.id))
            execute function keep_task_tags();
        alter table task_tag drop column due_at;
        """); // with its index
}
