using Bft.Research.Tests.Checkpoints;

namespace Bft.Cli.Tests;

/// <summary>Registering the kernel and taking it back.</summary>
public sealed class NotebookKernelCommandTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Both_kernels_are_installed_again_and_removed()
    {
        string[] files = [Spec(".net-csharp"), Spec(".net-fsharp")];
        for (var round = 0; round < 2; round++) // the second time over itself
        {
            var install = CommandLine.Start(_folder.Path, "notebook", "install", "--prefix", _folder.Path);
            Assert.Equal((Verb.Success, string.Join('\n', files) + "\n"), (install.Code, install.Output));
        }

        Assert.All(files, file => Assert.True(File.Exists(file)));
        Assert.Equal(Verb.Success, CommandLine.Start(_folder.Path, "notebook", "uninstall", "--prefix", _folder.Path).Code);
        Assert.All(files, file => Assert.False(Directory.Exists(Path.GetDirectoryName(file))));
        CommandLine.Start(_folder.Path, "notebook", "uninstall", "--prefix", _folder.Path).IsOneClearError(".net-csharp", "There is no kernel of this program");
    }

    [Fact]
    public void A_kernel_of_others_is_neither_replaced_nor_removed_unasked()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Spec(".net-csharp"))!);
        File.WriteAllText(Spec(".net-csharp"), """{"display_name":"Another"}""");
        CommandLine.Start(_folder.Path, "notebook", "install", "--prefix", _folder.Path).IsOneClearError("'.net-csharp' (Another)", "--name", "--force");
        Assert.False(File.Exists(Spec(".net-fsharp")), "half of it was installed");
        CommandLine.Start(_folder.Path, "notebook", "uninstall", "--prefix", _folder.Path).IsOneClearError("There is no kernel of this program");
        Assert.Equal("""{"display_name":"Another"}""", File.ReadAllText(Spec(".net-csharp")));

        Assert.Equal(Verb.Success, CommandLine.Start(_folder.Path, "notebook", "install", "--prefix", _folder.Path, "--name", "bft", "--language", "fsharp").Code);
        Assert.Contains("\"fsharp\"", File.ReadAllText(Spec("bft")));
        Assert.Equal(Verb.Success, CommandLine.Start(_folder.Path, "notebook", "install", "--prefix", _folder.Path, "--force").Code);
        Assert.DoesNotContain("Another", File.ReadAllText(Spec(".net-csharp")));
    }

    [Fact]
    public void Wrong_arguments_are_told()
    {
        CommandLine.Start(_folder.Path, "notebook", "install", "--prefix", _folder.Path, "--user").IsOneClearError("exclude each other");
        CommandLine.Start(_folder.Path, "notebook", "install", "--prefix", _folder.Path, "--name", "a/b").IsOneClearError("'a/b' is not a kernel name");
        CommandLine.Start(_folder.Path, "notebook", "kernel", "absent.json").IsOneClearError("absent.json");
    }

    private string Spec(string name) => Path.Combine(_folder.Path, "share", "jupyter", "kernels", name, "kernel.json");
}
