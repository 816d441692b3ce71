using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Deployment;

/// <summary>keda/ is what the chart renders.</summary>
public class KedaManifestTests
{
    [NodeFact]
    public async Task The_manifests_for_people_without_Helm_are_those_of_the_chart()
    {
        var folder = Directory.CreateTempSubdirectory("todoflow-keda-");
        try
        {
            var helm = Path.Combine(await NodeProgram.Install(Charts.NpmFolder), "node_modules/.bin/helm");
            var written = await Tool.Run("bash", [Repository.PathOf("scripts/keda.sh"), folder.FullName], environment: new Dictionary<string, string> { ["HELM"] = helm });
            Assert.True(written.ExitCode == 0, written.Errors);

            var names = folder.EnumerateFiles().Select(file => file.Name).Order(StringComparer.Ordinal).ToList();
            Assert.Equal(Directory.EnumerateFiles(Repository.PathOf("keda"), "*.yaml").Select(Path.GetFileName).Order(StringComparer.Ordinal), names);

            // Where this fails: scripts/keda.sh
            Assert.All(names, name => Assert.Equal(File.ReadAllText(Path.Combine(folder.FullName, name)), Repository.Read($"keda/{name}")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
