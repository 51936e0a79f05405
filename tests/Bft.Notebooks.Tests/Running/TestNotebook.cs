using Bft.Notebooks.Files;
using Bft.Tests;

namespace Bft.Notebooks.Tests.Running;

/// <summary>Builds small notebooks on disk.</summary>
internal sealed class TestNotebook : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bft-notebook-").FullName;

    public TestNotebook(params string[] sources)
    {
        Path = System.IO.Path.Combine(_folder, "test.ipynb");
        File.WriteAllText(Path, WrittenNotebook.Of(sources));
    }

    public string Folder => _folder;

    public string Path { get; }

    public string Other => System.IO.Path.Combine(_folder, "out.ipynb");

    public string Text => File.ReadAllText(Path);

    public Notebook Read() => NotebookFile.Read(Path);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
