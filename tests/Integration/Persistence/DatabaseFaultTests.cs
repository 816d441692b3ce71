using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Persistence;

/// <summary>Whose fault a failure is: one that waiting mends, or one that it does not.</summary>
public sealed class DatabaseFaultTests(SharedDatabase shared) : IClassFixture<SharedDatabase>, IAsyncLifetime
{
    private TestDatabase? _own;
    private ServiceProvider _services = TestPostgres.Services(shared.Database.ConnectionString);

    private TestDatabase Current => _own ?? shared.Database;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }
    }

    [Theory]
    [MemberData(nameof(SqlStates.OfOutages), MemberType = typeof(SqlStates))]
    public async Task Outages_are_known_by_their_class(string state) => Assert.Equal(DatabaseFault.Outage, await Of(await Raised(state)));

    [Theory]
    [MemberData(nameof(SqlStates.OfDefects), MemberType = typeof(SqlStates))]
    public async Task Every_other_class_is_a_defect(string state) => Assert.Equal(DatabaseFault.Defect, await Of(await Raised(state)));

    [Theory]
    [InlineData("FATAL")]
    [InlineData("PANIC")]
    public async Task What_ends_the_session_is_an_outage_whatever_its_class(string severity) =>
        Assert.Equal(DatabaseFault.Outage, await Of(SqlStates.Error("XX000", severity)));

    [Fact]
    public async Task A_time_zone_that_this_machine_does_not_know_is_no_fault_of_the_database() =>
        Assert.Equal(DatabaseFault.None, await Of(Assert.Throws<TimeZoneNotFoundException>(() => TimeZoneInfo.FindSystemTimeZoneById("Nowhere/Land"))));

    [Fact]
    public async Task What_is_missing_in_a_schema_of_another_version_is_an_outage()
    {
        await TakeADatabase();
        var error = await Failed("select no_such_column from task_item");
        Assert.Equal(DatabaseFault.Defect, await Of(error));

        await Current.Execute($"insert into {SchemaState.History} values ('99990101000000_Later', '10')");
        Assert.Equal(DatabaseFault.Outage, await Of(error));

        await Current.Execute($"delete from {SchemaState.History} where migration_id = '99990101000000_Later'");
        Assert.Equal(DatabaseFault.Defect, await Of(error));

        await Current.Execute($"delete from {SchemaState.History}");
        Assert.Equal(DatabaseFault.Outage, await Of(error));

        await Current.Execute($"drop table {SchemaState.History}");
        Assert.Equal(DatabaseFault.Outage, await Of(error));
        Assert.Equal(DatabaseFault.Defect, await Of(await Failed("select 1 from")));
    }

    [Fact]
    public async Task A_prepared_statement_whose_table_a_migration_changed_is_an_outage_and_works_again()
    {
        await TakeADatabase();
        await using var connection = await _services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using var command = new NpgsqlCommand("select * from schema_migration", connection);
        await command.PrepareAsync();
        await command.ExecuteNonQueryAsync();
        await Current.Execute("alter table schema_migration add column remark text");

        var error = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());

        Assert.Equal(PostgresErrorCodes.FeatureNotSupported, error.SqlState);
        Assert.Equal(DatabaseFault.Outage, await Of(error));
        await command.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task What_never_reached_the_server_is_told_apart_too()
    {
        Assert.Equal(DatabaseFault.Outage, await Of(new NpgsqlException("The connection is broken", new IOException())));
        Assert.Equal(DatabaseFault.Outage, await Of(new SocketException()));
        Assert.Equal(DatabaseFault.Outage, await Of(new TimeoutException()));
        Assert.Equal(DatabaseFault.None, await Of(new InvalidOperationException("a defect")));
        Assert.Equal(DatabaseFault.None, await Of(null));

        await using var connection = await _services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using var command = new NpgsqlCommand("select generate_series(1, 2)", connection);
        await using var rows = await command.ExecuteReaderAsync();
        await using var second = new NpgsqlCommand("select 1", connection);
        Assert.Equal(DatabaseFault.Defect, await Of(await Assert.ThrowsAsync<NpgsqlOperationInProgressException>(() => second.ExecuteScalarAsync())));
    }

    // For a test that changes the schema.
    private async Task TakeADatabase()
    {
        _own = await TestPostgres.CreateDatabase();
        await _services.DisposeAsync();
        _services = TestPostgres.Services(_own.ConnectionString);
    }

    private async Task<DatabaseFault> Of(Exception? error) => await _services.GetRequiredService<DatabaseFaults>().Of(error, default);

    private Task<DbUpdateException> Raised(string state) => Failed($"do $$ begin raise exception 'A message' using errcode = '{state}'; end $$");

    private async Task<DbUpdateException> Failed(string sql) => new("A message", await Assert.ThrowsAsync<PostgresException>(() => Current.Execute(sql)));
}
