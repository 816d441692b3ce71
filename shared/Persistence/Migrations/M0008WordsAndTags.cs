using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Persistence.Migrations;

/// <summary>
/// Words and tags that are indexed for each user on their own: what a search or a list by tag costs is a matter of the user's tasks, and
/// not of everybody's. The indexes that they replace held a list of rows for each word, and one for each user, and walked both.
/// </summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261122000800_words_and_tags")]
public sealed class M0008WordsAndTags : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        -- Each word of a task with the user before it, and the user alone, by which "everything but" is found. The end of a UUID is its
        -- random part; should two users share it, the condition on the user tells them apart. A query has 500 characters at most.
        create function task_words(user_id uuid, search_vector tsvector) returns tsvector
            language sql immutable parallel safe cost 1000
            return array_to_tsvector(array(
                select right(user_id::text, 12) || left(word, 500) from unnest(array_append(tsvector_to_array(search_vector), '')) as word));

        -- What finds at least the rows that match, in the index above: phrases as their words, and nothing of what is excluded. A query
        -- with it is not parallel: not knowing the words, PostgreSQL expects a 200th of all rows, and would start workers for each search.
        create function task_words_query(user_id uuid, sought tsquery) returns tsquery
            language sql immutable parallel unsafe
            return case querytree(sought)
                when 'T' then '''' || right(user_id::text, 12) || ''''
                else regexp_replace(
                    regexp_replace(querytree(sought), '<[-0-9]+>', '&', 'g'),
                    '''((?:[^''\\]|''''|\\.)*)''', '''' || right(user_id::text, 12) || '\1''', 'g')
            end::tsquery;

        -- New rows wait unsorted in a list that every search reads: a short one.
        create index ix_task_item_words on task_item using gin (task_words(user_id, search_vector)) with (gin_pending_list_limit = 256);
        drop index ix_task_item_search;

        create table task_tag (
            user_id uuid not null,
            tag text not null,
            created_at timestamptz not null,
            task_id uuid not null,
            constraint pk_task_tag primary key (user_id, tag, created_at, task_id)
        );
        comment on table task_tag is 'The tags of task_item, each a range in the order of a list; kept by triggers';

        create function keep_task_tags() returns trigger language plpgsql as $$
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
        create trigger keep_tags_of_added after insert on task_item
            for each row when (new.tags <> '{}') execute function keep_task_tags();
        create trigger keep_tags_of_changed after update of user_id, tags, created_at, id on task_item
            for each row when ((new.user_id, new.tags, new.created_at, new.id) is distinct from (old.user_id, old.tags, old.created_at, old.id))
            execute function keep_task_tags();
        create trigger keep_tags_of_removed after delete on task_item
            for each row when (old.tags <> '{}') execute function keep_task_tags();

        insert into task_tag (user_id, tag, created_at, task_id)
        select distinct user_id, tag, created_at, id from task_item cross join unnest(tags) as tag;
        drop index ix_task_item_tags;
        """);

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        create index ix_task_item_tags on task_item using gin (user_id, tags);
        create index ix_task_item_search on task_item using gin (user_id, search_vector);
        drop trigger keep_tags_of_added on task_item;
        drop trigger keep_tags_of_changed on task_item;
        drop trigger keep_tags_of_removed on task_item;
        drop function keep_task_tags();
        drop table task_tag;
        drop index ix_task_item_words;
        drop function task_words_query(uuid, tsquery);
        drop function task_words(uuid, tsvector);
        """);
}
