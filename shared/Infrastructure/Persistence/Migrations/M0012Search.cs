using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Infrastructure.Persistence.Migrations;

/// <summary>
/// How tasks are found in every language (<c>M0012Search.sql</c>), and the index of it, which is made while tasks are written. No row is
/// written anew but those whose text was not in Unicode's form NFC.
/// </summary>
[DbContext(typeof(TodoFlowDb))]
[Migration("20261128001200_search")]
public sealed class M0012Search : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Script<M0012Search>();
        migrationBuilder.Sql(
            """
            create index concurrently ix_task_item_search on task_item using gin (task_search_keys(user_id, title, description, tags))
                with (gin_pending_list_limit = 256)
            """,
            suppressTransaction: true);
        migrationBuilder.Sql("drop index if exists ix_task_item_words, ix_task_item_title_trigrams");
    }

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        create or replace function task_words_query(user_id uuid, sought tsquery) returns tsquery
            language sql immutable parallel unsafe
            return case querytree(sought)
                when 'T' then '''' || right(user_id::text, 12) || ''''
                else regexp_replace(
                    regexp_replace(querytree(sought), '<[-0-9]+>', '&', 'g'),
                    '''((?:[^''\\]|''''|\\.)*)''', '''' || right(user_id::text, 12) || '\1''', 'g')
            end::tsquery;
        create index ix_task_item_title_trigrams on task_item using gin (user_id, title gin_trgm_ops);
        create index ix_task_item_words on task_item using gin (task_words(user_id, search_vector)) with (gin_pending_list_limit = 256);
        drop index ix_task_item_search;
        drop function task_search_keys(uuid, text, text, text[]), task_folded_words(text, text, text[]), search_parts(text),
            search_text(text), search_other_text(text);
        """); // what was normalized is the same text
}
