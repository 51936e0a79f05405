using Bft.Notebooks.Files;

namespace Bft.Notebooks.Tests.Files;

/// <summary>Files and folders become notebooks.</summary>
public sealed class NotebookPathsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bft-paths-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_gives_its_notebooks_in_order_hidden_ones_and_repetitions_left_out()
    {
        foreach (var name in new[] { "b.ipynb", "a.ipynb", "deep/er/c.ipynb", ".ipynb_checkpoints/b.ipynb", "a.txt" })
            File.WriteAllText(Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, name))!).FullName is var folder ? Path.Combine(folder, Path.GetFileName(name)) : "", "");
        Assert.Equal(["b.ipynb", "a.ipynb", "deep/er/c.ipynb"], Found(Path.Combine(_folder, "b.ipynb"), _folder));
        Assert.Equal([".ipynb_checkpoints/b.ipynb"], Found(Path.Combine(_folder, ".ipynb_checkpoints")));
    }

    [Fact]
    public void What_is_not_there_is_named()
    {
        Assert.Contains("none: there is no such", Assert.Throws<FileNotFoundException>(() => NotebookPaths.Expand(["none"])).Message);
        Assert.StartsWith($"{_folder}: there is no notebook", Assert.Throws<InvalidDataException>(() => NotebookPaths.Expand([_folder])).Message);
    }

    private IEnumerable<string> Found(params string[] paths) => NotebookPaths.Expand(paths).Select(path => Path.GetRelativePath(_folder, path));
}
