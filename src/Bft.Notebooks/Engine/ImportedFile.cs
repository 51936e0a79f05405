using Bft.Notebooks.Files;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Engine;

/// <summary>A piece of a file that a cell runs in its place.</summary>
/// <param name="Name">For errors: the file, with the cell for notebooks.</param>
/// <param name="Code">Its text.</param>
/// <param name="Language">The language of the text where no <c>#!</c> line says otherwise.</param>
internal sealed record ImportedFile(string Name, string Code, string Language)
{
    private static readonly AsyncLocal<string?> s_open = new();

    /// <summary>Reads what <c>#!import</c> and <c>#load</c> name: scripts, .dib files and notebooks; their Markdown is left out.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">As the cell calls it.</param>
    /// <param name="line">Line of the cell.</param>
    /// <param name="directive">For messages.</param>
    /// <exception cref="CellDirectiveException">There is no such file, it is of no known kind, it is no notebook, or it imports itself.</exception>
    public static IEnumerable<ImportedFile> Read(string path, string name, int line, string directive)
    {
        if (!File.Exists(path))
            throw new CellDirectiveException(line, $"{directive} \"{name}\": there is no such file.");
        if (s_open.Value?.Split('\n').Contains(path) == true)
            throw new CellDirectiveException(line, $"{directive} \"{name}\": the file imports itself.");
        s_open.Value = s_open.Value + "\n" + path;
        var file = Path.GetFileName(path);
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".cs" or ".csx" => [new ImportedFile(file, File.ReadAllText(path), CellLanguage.CSharp)],
            ".fsx" => [new ImportedFile(file, File.ReadAllText(path), CellLanguage.FSharp)],
            ".fs" => [new ImportedFile(file, $"#load @\"{path}\"", CellLanguage.FSharp)], // it is a module
            ".dib" => [new ImportedFile(file, File.ReadAllText(path), CellLanguage.CSharp)],
            ".ipynb" => Cells(path, file, line),
            var other => throw new CellDirectiveException(line, $"{directive} \"{name}\": expected .cs, .csx, .fs, .fsx, .dib or .ipynb, got '{other}'."),
        };
    }

    private static List<ImportedFile> Cells(string path, string file, int line)
    {
        try
        {
            var notebook = NotebookFile.Read(path);
            return
            [
                .. notebook.Cells
                    .Where(cell => cell.Kind == CellKind.Code && !string.IsNullOrWhiteSpace(cell.Source))
                    .Select(cell => new ImportedFile($"{file} cell {cell.Number}", cell.Source, LanguageOf(notebook, cell, line))),
            ];
        }
        catch (NotebookFormatException e)
        {
            throw new CellDirectiveException(line, e.Message);
        }
    }

    private static string LanguageOf(Notebook notebook, NotebookCell cell, int line) =>
        CellLanguage.TryParse(cell.MetadataLanguage ?? notebook.DefaultLanguage, out var language)
            ? language
            : throw new CellDirectiveException(line, $"cell {cell.Number} is in '{cell.MetadataLanguage ?? notebook.DefaultLanguage}', which does not run here.");
}
