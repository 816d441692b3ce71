using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Persistence;

public class MigrationTests
{
    // What PostgreSQL keeps for itself; no entity needs to read it.
    private static readonly string[] OfTheDatabase = ["task_item.search_vector", "task_tag", "task_tag.user_id", "task_tag.tag", "task_tag.created_at", "task_tag.task_id"];

    private const string Objects =
        """
        select c.relkind::text || ' ' || c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'i', 'S', 'v')
        union all select 'f ' || p.proname from pg_proc p
            where p.pronamespace = 'public'::regnamespace and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
        union all select 't ' || t.typname from pg_type t where t.typnamespace = 'public'::regnamespace and t.typtype in ('e', 'd')
        order by 1
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

        Assert.Equal(["i PK_schema_migration", "r schema_migration"], none);
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
    public async Task Eight_that_start_at_once_migrate_once()
    {
        await using var database = await TestPostgres.CreateEmptyDatabase();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            await using var services = TestPostgres.Services(database.ConnectionString);
            await services.GetRequiredService<Migrator>().Migrate(CancellationToken.None);
            Assert.Empty(await services.GetRequiredService<Migrator>().Pending(CancellationToken.None));
        }));

        Assert.Equal(1, await database.Scalar<long>("select count(*) from schema_migration where \"MigrationId\" = '20261122000100_task_api'"));
    }

    [Fact]
    public async Task The_model_is_the_migrated_schema()
    {
        await using var database = await TestPostgres.CreateDatabase();
        await using var services = TestPostgres.Services(database.ConnectionString);
        await using var db = await services.GetRequiredService<IDbContextFactory<TodoFlowDb>>().CreateDbContextAsync();

        var modelled = Model(db.Model).Order(StringComparer.Ordinal).ToList();
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

        Assert.Equal(modelled, stored);
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
