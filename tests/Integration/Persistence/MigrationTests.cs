using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Persistence.Migrations;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Persistence;

public class MigrationTests
{
    // What PostgreSQL keeps for itself; no entity needs to read it.
    private static readonly string[] OfTheDatabase =
        ["task_item.search_vector", "task_tag", "task_tag.user_id", "task_tag.tag", "task_tag.created_at", "task_tag.task_id", "task_tag.due_at",
        "task_item.changed_xid", "reminder.changed_xid", "notification.changed_xid", "notification_preference.changed_xid", "audit_entry.client_time"];

    // Read and written by statements alone.
    private static readonly string[] WithoutEntity = ["trashed_task", "tombstone", "sync_epoch", "sync_command", "personal_access_token", "occurrence_key",
        "conversation", "conversation_turn", "chat_usage"];

    private const string Objects =
        """
        select c.relkind::text || ' ' || c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'i', 'S', 'v')
        union all select 'f ' || p.proname from pg_proc p
            where p.pronamespace = 'public'::regnamespace and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
        union all select 't ' || t.typname from pg_type t where t.typnamespace = 'public'::regnamespace and t.typtype in ('e', 'd')
        order by 1
        """;

    // Everything but the table of migrations, as PostgreSQL would write it.
    private const string Definitions =
        """
        select format('%s.%s %s %s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, col_description(attrelid, attnum)) as line
            from pg_attribute join pg_class on pg_class.oid = attrelid
            where relnamespace = 'public'::regnamespace and relkind in ('r', 'S') and attnum > 0 and relname <> 'schema_migration'
        union all select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint
            where connamespace = 'public'::regnamespace and conrelid <> coalesce(to_regclass('schema_migration'), 0)
        union all select pg_get_indexdef(indexrelid) from pg_index join pg_class on pg_class.oid = indexrelid
            where relnamespace = 'public'::regnamespace and indrelid <> coalesce(to_regclass('schema_migration'), 0)
        union all select format('%s %s', oid::regclass, reloptions) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and reloptions is not null
        union all select format('%s %s statistics %s', attrelid::regclass, attname, attstattarget) from pg_attribute join pg_class on pg_class.oid = attrelid
            where relnamespace = 'public'::regnamespace and attnum > 0 and attstattarget >= 0
        union all select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
        union all select pg_get_functiondef(p.oid) from pg_proc p
            where p.pronamespace = 'public'::regnamespace and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
        order by line
        """;

    [Fact]
    public async Task Down_to_nothing_leaves_nothing_and_up_again_makes_the_same()
    {
        await using var database = await TestPostgres.CreateEmptyDatabase();
        await using var services = TestPostgres.Services(database.ConnectionString);
        var migrator = services.GetRequiredService<Migrator>();

        await migrator.Migrate(CancellationToken.None);
        var first = await database.Column<string>(Objects);
        await migrator.MigrateTo(Migrator.Nothing, CancellationToken.None);
        var none = await database.Column<string>(Objects);
        await migrator.Migrate(CancellationToken.None);
        var second = await database.Column<string>(Objects);

        Assert.Equal(["i pk_schema_migration", "r schema_migration"], none);
        Assert.NotEqual(none, first);
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task Each_migration_goes_down_and_up_on_its_own()
    {
        await using var database = await TestPostgres.CreateEmptyDatabase();
        await using var services = TestPostgres.Services(database.ConnectionString);
        var migrator = services.GetRequiredService<Migrator>();
        var all = await migrator.Pending(CancellationToken.None);

        var seen = new List<List<string>>();
        foreach (var migration in all)
        {
            await migrator.MigrateTo(migration, CancellationToken.None);
            seen.Add(await database.Column<string>(Objects));
        }

        foreach (var (migration, objects) in all.Zip(seen).Reverse())
        {
            await migrator.MigrateTo(migration, CancellationToken.None);
            Assert.Equal(objects, await database.Column<string>(Objects));
        }
    }

    [Fact]
    public async Task Tags_from_before_get_the_due_dates_of_their_tasks()
    {
        await using var database = await TestPostgres.CreateEmptyDatabase();
        await using var services = TestPostgres.Services(database.ConnectionString);
        var migrator = services.GetRequiredService<Migrator>();
        await migrator.MigrateTo(M0014Conversations.Id, CancellationToken.None);
        foreach (var user in await TaskSeed.Users(database, 2))
        {
            await TaskSeed.Tasks(database, user, 100, seed: 1);
        }

        await migrator.Migrate(CancellationToken.None);

        Assert.NotEqual(0, await database.Scalar<long>("select count(*) from task_tag where due_at is not null"));
        Assert.Equal(0, await database.Scalar<long>("select count(*) from task_tag join task_item on id = task_id where task_tag.due_at is distinct from task_item.due_at"));
    }

    [Fact]
    public async Task Eight_that_start_at_once_migrate_once()
    {
        await using var database = await TestPostgres.CreateEmptyDatabase();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            await using var services = TestPostgres.Services(database.ConnectionString);
            await services.GetRequiredService<Migrator>().Migrate(CancellationToken.None);
            Assert.Empty(await services.GetRequiredService<Migrator>().Pending(CancellationToken.None));
        }));

        Assert.Equal(1, await database.Scalar<long>($"select count(*) from schema_migration where migration_id = '{M0001Initial.Id}'"));
    }

    [Fact]
    public async Task A_database_of_a_development_version_is_refused_and_left_as_it_is()
    {
        await using var database = await TestPostgres.CreateEmptyDatabase();
        await using var services = TestPostgres.Services(database.ConnectionString);
        await database.Execute(
            """
            create table schema_migration ("MigrationId" varchar(150) primary key, "ProductVersion" varchar(32) not null);
            insert into schema_migration values ('20261122000100_task_api', '10.0.4');
            create table app_user (id uuid)
            """);

        var error = await Assert.ThrowsAsync<OutdatedSchemaException>(() => services.GetRequiredService<Migrator>().Migrate(CancellationToken.None));

        Assert.Contains("make a new database", error.Message, StringComparison.Ordinal);
        Assert.False(await services.GetRequiredService<SchemaState>().IsCurrent(CancellationToken.None));
        Assert.Equal(2, await database.Scalar<long>("select count(*) from pg_tables where schemaname = 'public'"));
    }

    [Fact]
    public async Task The_documented_schema_is_the_migrated_one()
    {
        await using var migrated = await TestPostgres.CreateDatabase();
        await using var documented = await TestPostgres.CreateEmptyDatabase();
        await documented.Execute(Repository.Read("docs/schema.sql"));

        Assert.Equal(await migrated.Column<string>(Definitions), await documented.Column<string>(Definitions));
    }

    [Fact]
    public async Task The_model_is_the_migrated_schema()
    {
        await using var database = await TestPostgres.CreateDatabase();
        await using var services = TestPostgres.Services(database.ConnectionString);
        await using var db = await services.GetRequiredService<IDbContextFactory<TodoFlowDb>>().CreateDbContextAsync();

        var modelled = Model(db.GetService<IDesignTimeModel>().Model).Order(StringComparer.Ordinal).ToList();
        var stored = (await database.Column<string>(
            """
            select format('%s.%s %s%s', c.table_name, c.column_name, format_type(a.atttypid, a.atttypmod), case when c.is_nullable = 'YES' then ' null' else '' end)
            from information_schema.columns c
            join pg_attribute a on a.attrelid = format('%I', c.table_name)::regclass and a.attname = c.column_name
            where c.table_schema = 'public' and c.table_name <> 'schema_migration'
            union all
            select format('%s %s', t.relname, x.conname) from pg_constraint x join pg_class t on t.oid = x.conrelid
            where x.connamespace = 'public'::regnamespace and x.contype in ('p', 'f') and t.relname <> 'schema_migration'
            """)).Where(line => !OfTheDatabase.Contains(line.Split(' ')[0])).Order(StringComparer.Ordinal).ToList();

        Assert.Equal(modelled, stored.Where(line => !WithoutEntity.Contains(line.Split(' ', '.')[0])));
    }

    private static IEnumerable<string> Model(IModel model)
    {
        foreach (var entity in model.GetEntityTypes())
        {
            var table = entity.GetTableName();
            foreach (var property in entity.GetProperties())
            {
                yield return $"{table}.{property.GetColumnName()} {property.GetColumnType()}{(property.IsNullable ? " null" : "")}";
            }

            yield return $"{table} {entity.FindPrimaryKey()!.GetName()}";
            foreach (var foreignKey in entity.GetForeignKeys())
            {
                yield return $"{table} {foreignKey.GetConstraintName()}";
            }
        }
    }
}
