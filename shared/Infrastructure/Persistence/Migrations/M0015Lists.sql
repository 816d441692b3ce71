-- Lists of a tag by due date. What follows is done again where a later step failed: those are outside of the transaction.

alter table task_tag add column if not exists due_at timestamptz;

create or replace function keep_task_tags() returns trigger language plpgsql as $$
    begin
        if tg_op <> 'INSERT' then
            delete from task_tag
            where user_id = old.user_id and tag = any(old.tags) and created_at = old.created_at and task_id = old.id;
        end if;
        if tg_op <> 'DELETE' then
            insert into task_tag (user_id, tag, created_at, task_id, due_at)
            select distinct new.user_id, tag, new.created_at, new.id, new.due_at from unnest(new.tags) as tag;
        end if;
        return null;
    end $$;
create or replace trigger keep_tags_of_changed after update of user_id, tags, created_at, id, due_at on task_item
    for each row when ((new.user_id, new.tags, new.created_at, new.id, new.due_at) is distinct from (old.user_id, old.tags, old.created_at, old.id, old.due_at))
    execute function keep_task_tags();
