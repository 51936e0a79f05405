using System.Text.Json.Nodes;
using Bft.Notebooks.Files;

namespace Bft.Notebooks.Running;

/// <summary>Takes out of a notebook what a run put in.</summary>
public static class OutputStripper
{
    /// <summary>
    /// Empties the outputs and execution counts, removes cells with injected parameters and the mark of a complete run. Texts, ids and all other metadata
    /// stay. Stripping twice changes nothing more.
    /// </summary>
    public static void Strip(Notebook notebook)
    {
        NotebookParameters.RemoveInjected(notebook);
        foreach (var cell in notebook.Cells.Where(cell => cell.Kind == CellKind.Code))
            (cell.Json["outputs"], cell.Json["execution_count"]) = (new JsonArray(), null);
        CellsHash.Clear(notebook);
    }
}
