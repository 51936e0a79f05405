using System.Text.Json.Nodes;

namespace Bft.Notebooks.Files;

/// <summary>A Jupyter notebook of format 4 in memory. Keys that this library does not know are kept.</summary>
public sealed class Notebook
{
    internal Notebook(JsonObject root)
    {
        Root = root;
        Cells = [.. root["cells"]!.AsArray().Select((cell, index) => new NotebookCell(cell!.AsObject(), index + 1))];
        var number = 0;
        foreach (var cell in Cells.Where(cell => cell.Kind == CellKind.Code))
            cell.Number = ++number;
    }

    /// <summary>The whole document; changes are written.</summary>
    public JsonObject Root { get; }

    /// <summary>The cells in order.</summary>
    public IReadOnlyList<NotebookCell> Cells { get; private set; }

    /// <summary>The notebook's metadata.</summary>
    public JsonObject Metadata => Root["metadata"]!.AsObject();

    /// <summary>Language of cells that do not name one, from <c>polyglot_notebook</c> or the kernel's language; <c>csharp</c> when nothing says.</summary>
    public string DefaultLanguage =>
        Metadata.Text("polyglot_notebook", "kernelInfo", "defaultKernelName")
        ?? Metadata.Text("kernelspec", "language")
        ?? Metadata.Text("language_info", "name")
        ?? Sessions.CellLanguage.CSharp;

    /// <summary>Puts a new code cell behind another one.</summary>
    /// <param name="after">A cell of this notebook.</param>
    /// <param name="id">Its id, <c>[a-zA-Z0-9-_]{1,64}</c>, unique in the notebook.</param>
    /// <param name="source">Its text.</param>
    /// <param name="tags">Its tags.</param>
    public NotebookCell InsertCodeAfter(NotebookCell after, string id, string source, params string[] tags)
    {
        var cell = new JsonObject
        {
            ["cell_type"] = "code",
            ["execution_count"] = null,
            ["id"] = id,
            ["metadata"] = new JsonObject { ["tags"] = new JsonArray([.. tags.Select(tag => (JsonNode)tag)]) },
            ["outputs"] = new JsonArray(),
            ["source"] = MultilineText.ToLines(source),
        };
        Root["cells"]!.AsArray().Insert(after.Position, cell);
        Renumber();
        return Cells[after.Position];
    }

    /// <summary>Takes a cell out.</summary>
    public void Remove(NotebookCell cell)
    {
        Root["cells"]!.AsArray().RemoveAt(cell.Position - 1);
        Renumber();
    }

    private void Renumber() => Cells = new Notebook(Root).Cells;
}
