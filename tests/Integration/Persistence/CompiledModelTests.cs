using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Scaffolding;
using Npgsql.EntityFrameworkCore.PostgreSQL.Design.Internal;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Persistence.CompiledModel;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Persistence;

/// <summary>
/// Holds the compiled model to the mapping, by making it anew as <c>dotnet ef dbcontext optimize</c> does. Where it differs, this
/// test run with <c>TODOFLOW_WRITE_MODEL=1</c> writes it.
/// </summary>
public sealed partial class CompiledModelTests
{
    private const string Folder = "shared/Infrastructure/Persistence/CompiledModel";

    [Fact]
    public void It_is_made_of_the_mapping()
    {
        var made = Directory.CreateTempSubdirectory("todoflow-model");
        try
        {
            Generate(made.FullName);
            var stored = Repository.PathOf(Folder);
            if (Environment.GetEnvironmentVariable("TODOFLOW_WRITE_MODEL") == "1")
            {
                Directory.CreateDirectory(stored);
                Array.ForEach(Directory.GetFiles(stored, "*.cs"), File.Delete);
                Array.ForEach(made.GetFiles("*.cs"), file => File.WriteAllText(Path.Combine(stored, file.Name), File.ReadAllText(file.FullName)));
            }

            Assert.Equal(Texts(made.FullName), Texts(stored));
        }
        finally
        {
            made.Delete(recursive: true);
        }
    }

    [Fact]
    public void It_is_what_the_application_uses()
    {
        using var services = TestPostgres.Services("Host=127.0.0.1;Username=nobody");
        using var db = services.GetRequiredService<IDbContextFactory<TodoFlowDb>>().CreateDbContext();

        Assert.Same(TodoFlowDbModel.Instance, db.Model);
    }

#pragma warning disable EF1001 // as the tool does, which is no public API
    private static void Generate(string folder)
    {
        using var services = TestPostgres.Services("Host=127.0.0.1;Username=nobody");
        using var db = services.GetRequiredService<IDbContextFactory<TodoFlowDb>>().CreateDbContext();
        var design = new ServiceCollection().AddEntityFrameworkDesignTimeServices().AddDbContextDesignTimeServices(db);
        new NpgsqlDesignTimeServices().ConfigureDesignTimeServices(design);
        using var tools = design.BuildServiceProvider();
        tools.GetRequiredService<ICompiledModelScaffolder>().ScaffoldModel(
            db.GetService<IDesignTimeModel>().Model,
            folder,
            new CompiledModelCodeGenerationOptions
            {
                ContextType = typeof(TodoFlowDb),
                ModelNamespace = "TodoFlow.Infrastructure.Persistence.CompiledModel",
                Language = "C#",
                UseNullableReferenceTypes = true,
            });
    }
#pragma warning restore EF1001

    // Without the id that each generation makes anew.
    private static SortedDictionary<string, string> Texts(string folder) => new(
        Directory.GetFiles(folder, "*.cs").ToDictionary(
            file => Path.GetFileName(file), file => ModelId().Replace(File.ReadAllText(file).ReplaceLineEndings("\n"), "")),
        StringComparer.Ordinal);

    [GeneratedRegex("modelId: new Guid\\(\"[^\"]*\"\\)")]
    private static partial Regex ModelId();
}
