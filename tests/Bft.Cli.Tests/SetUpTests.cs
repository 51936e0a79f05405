using System.Text.Json.Nodes;
using Bft.Notebooks.Files;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary><c>environment/set-up.sh</c>, but for its system packages, in a clean home with an empty package cache; and that it writes nowhere else.</summary>
public class SetUpTests
{
    private const string Python = "/usr/bin/python3"; // the one that Debian's packages belong to

    [Fact]
    public void What_is_built_is_set_up_without_a_write_outside_the_home()
    {
        if (!File.Exists(Path.Combine(Checkout.Root, "src/Bft.Cli/bin/Release/net10.0/linux-x64/bft.dll")))
            Missing.Skip("needs the command: dotnet build -c Release");
        using var home = new CleanHome();
        SetsUp(home, Checkout.Root, "--no-build");
    }

    /// <remarks>Two minutes and two gigabytes, the packages with libtorch and the build; hence not for every run of the tests.</remarks>
    [Fact]
    public void A_clone_is_restored_built_and_set_up_from_nothing()
    {
        if (Environment.GetEnvironmentVariable("CI") != "true")
            Assert.Skip("takes two minutes and two gigabytes; runs when CI=true");
        using var home = new CleanHome();
        SetsUp(home, home.Clone(), "--only-bft");
    }

    [Fact]
    public void A_write_elsewhere_is_refused_and_an_option_that_is_not_there_is_named()
    {
        using var home = new CleanHome();
        if (!home.IsContained)
            Assert.Skip("needs a mount name space (unshare -rm)");
        const string There = "/var/tmp/written-by-a-test"; // the checkout itself may lie below /tmp, which stays writable
        Assert.NotEqual(0, home.Run(home.Home, "touch", There).Code);
        Assert.False(File.Exists(There));
        Assert.Equal(0, home.Run(home.Home, "touch", "here").Code);
        var wrong = home.Run(Checkout.Root, "bash", "environment/set-up.sh", "--no-sistem");
        Assert.Equal(2, wrong.Code);
        Assert.Contains("unknown option '--no-sistem'", wrong.Error, StringComparison.Ordinal);
    }

    private static void SetsUp(CleanHome home, string checkout, string option)
    {
        var run = home.Run(checkout, "bash", "environment/set-up.sh", "--no-system", option);
        Assert.True(run.Code == 0, run.Output + run.Error);
        Assert.DoesNotContain("was not", run.Output, StringComparison.Ordinal); // restored, installed

        if (home.Run(home.Home, Python, "-c", "import nbconvert").Code != 0)
            Missing.Skip("needs Jupyter (environment/apt-packages.txt)");
        var kernels = JsonNode.Parse(home.Run(home.Home, Python, "-m", "jupyter", "kernelspec", "list", "--json").Output)!["kernelspecs"]!;
        foreach (var name in (string[])[".net-csharp", ".net-fsharp"])
        {
            Assert.StartsWith(home.Home, (string)kernels[name]!["resource_dir"]!, StringComparison.Ordinal);
            Assert.StartsWith(checkout, (string)kernels[name]!["spec"]!["argv"]![0]!, StringComparison.Ordinal);
        }

        File.WriteAllText(Path.Combine(home.Home, "small.ipynb"), WrittenNotebook.Of(NotebookTemplate.Setup, "TorchSharp.torch.arange(4).sum().item<long>()"));
        var executed = home.Run(home.Home, Python, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", "small.ipynb");
        Assert.True(executed.Code == 0, executed.Error);
        var shown = NotebookFile.Read(Path.Combine(home.Home, "small.ipynb")).Cells[1].Outputs[0]!["data"]!["text/plain"];
        Assert.Equal("6", NotebookSections.Text("text/plain", shown));
    }
}
