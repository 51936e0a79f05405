namespace Bft.Research.World;

/// <summary>A tab-separated table with a header line and no quoting.</summary>
internal static class TsvTable
{
    /// <summary>Reads all rows; the header must name exactly <paramref name="columns"/> and no field may be empty.</summary>
    /// <exception cref="WorldDataException">The file is missing, the header differs, or a row has a wrong number of fields or an empty one.</exception>
    public static IReadOnlyList<TsvRow> Read(string path, params string[] columns)
    {
        if (!File.Exists(path))
            throw new WorldDataException(path, 0, "file", "expected a table, found nothing.");
        var lines = File.ReadAllLines(path);
        var header = lines.Length == 0 ? "" : lines[0];
        if (header != string.Join('\t', columns))
            throw new WorldDataException(path, 1, "header", $"expected \"{string.Join(' ', columns)}\", actual \"{header.Replace('\t', ' ')}\".");
        List<TsvRow> rows = [];
        for (var i = 1; i < lines.Length; i++)
        {
            var fields = lines[i].Split('\t');
            if (fields.Length != columns.Length)
                throw new WorldDataException(path, i + 1, "row", $"expected {columns.Length} fields, actual {fields.Length}.");
            for (var f = 0; f < fields.Length; f++)
            {
                if (fields[f].Length == 0 || fields[f] != fields[f].Trim())
                    throw new WorldDataException(path, i + 1, columns[f], $"expected a value without outer blanks, actual \"{fields[f]}\".");
            }

            rows.Add(new(path, i + 1, columns, fields));
        }

        return rows;
    }
}

/// <summary>One row of a <see cref="TsvTable"/>.</summary>
internal sealed record TsvRow(string File, int Line, string[] Columns, string[] Fields)
{
    public string this[string column] => Fields[Array.IndexOf(Columns, column)];

    public IReadOnlyList<string> List(string column) => this[column].Split(';');

    public WorldDataException Error(string column, string problem) => new(File, Line, column, problem);
}
