using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Infrastructure.Persistence.Migrations;

/// <summary>What tasks are found by is made by functions that are planned once in a connection (<c>M0017Words.sql</c>). It is the same as before.</summary>
[DbContext(typeof(TodoFlowDb))]
[Migration(Id)]
public sealed class M0017Words : Migration
{
    /// <summary>Its id.</summary>
    public const string Id = "20261128001700_words";

    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Script<M0017Words>();

    /// <inheritdoc/>
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        create or replace function task_search_vector(title text, description text, tags text[]) returns tsvector
            language sql immutable parallel safe
            return setweight(to_tsvector('simple'::regconfig, title), 'A')
                || setweight(to_tsvector('simple'::regconfig, coalesce(description, '')), 'B')
                || setweight(to_tsvector('simple'::regconfig, array_to_string(tags, ' ')), 'C');
        create or replace function task_folded_words(title text, description text, tags text[]) returns tsvector
            language sql immutable parallel safe
            return setweight(to_tsvector('simple'::regconfig, search_text(title)), 'A')
                || setweight(to_tsvector('simple'::regconfig, search_text(coalesce(description, ''))), 'B')
                || setweight(to_tsvector('simple'::regconfig, search_text(array_to_string(tags, ' '))), 'C');
        create or replace function task_search_keys(user_id uuid, title text, description text, tags text[]) returns tsvector
            language sql immutable parallel safe
            return task_words(user_id, task_folded_words(title, description, tags) || search_parts(search_text(title)));
        drop function task_words(uuid, text, text, text), tags_text(text[]);
        alter index ix_task_item_search set (gin_pending_list_limit = 256);
        """);
}
