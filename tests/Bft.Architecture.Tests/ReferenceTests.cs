using System.Xml.Linq;
using Bft.Tests;

namespace Bft.Architecture.Tests;

/// <summary>Which project may reference which.</summary>
public class ReferenceTests
{
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Bft.Results"] = [],
        ["Bft.Research"] = ["Bft.Results"],
        ["Bft.Reasoning"] = ["Bft.Results"],
        ["Bft.Representations"] = ["Bft.Results", "Bft.Research"],
        ["Bft.Figures"] = ["Bft.Results"],
        ["Bft.Notebooks"] = [],
        ["Bft.Libraries"] = ["Bft.Results", "Bft.Research", "Bft.Representations", "Bft.Figures"],
        ["Bft.Cli"] = ["Bft.Results", "Bft.Research", "Bft.Reasoning", "Bft.Representations", "Bft.Figures", "Bft.Notebooks", "Bft.Libraries"],
    };

    [Fact]
    public void Projects_reference_only_what_the_table_allows()
    {
        var projects = Directory.EnumerateFiles(Path.Combine(Checkout.Root, "src"), "*.*proj", SearchOption.AllDirectories).ToList();
        Assert.NotEmpty(projects);
        Assert.Empty(projects.SelectMany(path => Forbidden(Path.GetFileNameWithoutExtension(path), XDocument.Load(path))));
    }

    [Fact]
    public void A_forbidden_reference_is_caught()
    {
        var project = XDocument.Parse("<Project><ItemGroup><ProjectReference Include=\"../Bft.Cli/Bft.Cli.csproj\" /></ItemGroup></Project>");
        Assert.Equal(["Bft.Research -> Bft.Cli"], Forbidden("Bft.Research", project));
    }

    [Fact]
    public void A_project_that_the_table_lacks_is_caught() =>
        Assert.Equal(["Bft.Utils is not in the table"], Forbidden("Bft.Utils", XDocument.Parse("<Project />")));

    private static IEnumerable<string> Forbidden(string name, XDocument project)
    {
        if (!s_allowed.TryGetValue(name, out var allowed))
            return [$"{name} is not in the table"];
        return project.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')))
            .Where(target => !allowed.Contains(target))
            .Select(target => $"{name} -> {target}");
    }
}
