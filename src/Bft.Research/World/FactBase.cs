namespace Bft.Research.World;

/// <summary>The fact tables of the embedded world, read from <c>notebooks/mini/facts</c> and checked against one another.</summary>
public sealed class FactBase
{
    private FactBase(string folder)
    {
        string At(string file) => Path.Combine(folder, file);
        Genes = Unique(TsvTable.Read(At("genes.tsv"), "symbol", "name", "band", "family", "function"), "symbol",
            r => new Gene(r["symbol"], r["name"], Band(r), r["family"], r["function"]));
        GenesBySymbol = Genes.ToDictionary(g => g.Symbol);
        Processes = Unique(TsvTable.Read(At("processes.tsv"), "name", "source", "identifier", "genes"), "name",
            r => new BiologicalProcess(r["name"], r["source"], r["identifier"], Symbols(r, "genes")));
        Regulations = [.. TsvTable.Read(At("regulations.tsv"), "regulator", "effect", "target", "mechanism").Select(r =>
            new Regulation(Symbols(r, "regulator")[0], Sign(r), Symbols(r, "target")[0], r["mechanism"]))];
        if (Regulations.GroupBy(r => (r.Regulator, r.Target)).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new WorldDataException(At("regulations.tsv"), 0, "target", $"expected each pair once, {twice.Key.Regulator} and {twice.Key.Target} are repeated.");
        Drugs = Unique(TsvTable.Read(At("drugs.tsv"), "name", "targets", "action", "class"), "name",
            r => new Drug(r["name"], Symbols(r, "targets"), r["action"], r["class"]));
        CellLines = Unique(TsvTable.Read(At("cell-lines.tsv"), "name", "tissue", "disease", "gene", "alteration"), "name",
            r => new CellLine(r["name"], r["tissue"], r["disease"], Symbols(r, "gene")[0], r["alteration"]));
        Diseases = Unique(TsvTable.Read(At("diseases.tsv"), "name", "genes", "system", "inheritance"), "name",
            r => new Disease(r["name"], Symbols(r, "genes"), r["system"], r["inheritance"]));
    }

    /// <summary>All genes in symbol order.</summary>
    public IReadOnlyList<Gene> Genes { get; }

    /// <summary>The genes by symbol.</summary>
    public IReadOnlyDictionary<string, Gene> GenesBySymbol { get; }

    /// <summary>Processes and pathways.</summary>
    public IReadOnlyList<BiologicalProcess> Processes { get; }

    /// <summary>Signed, directed effects of gene products on one another.</summary>
    public IReadOnlyList<Regulation> Regulations { get; }

    /// <summary>Drugs.</summary>
    public IReadOnlyList<Drug> Drugs { get; }

    /// <summary>Cell lines.</summary>
    public IReadOnlyList<CellLine> CellLines { get; }

    /// <summary>Diseases.</summary>
    public IReadOnlyList<Disease> Diseases { get; }

    /// <summary>Reads the six tables.</summary>
    /// <param name="folder">Folder that holds <c>genes.tsv</c> and the other tables.</param>
    /// <exception cref="WorldDataException">A table is missing or malformed, names a gene that <c>genes.tsv</c> does not hold, or repeats a key.</exception>
    public static FactBase Read(string folder) => new(folder);

    private static IReadOnlyList<T> Unique<T>(IReadOnlyList<TsvRow> rows, string key, Func<TsvRow, T> make)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            if (!seen.Add(row[key]))
                throw row.Error(key, $"expected each {key} once, \"{row[key]}\" is repeated.");
        }

        return [.. rows.Select(make)];
    }

    private static string Band(TsvRow row)
    {
        var band = row["band"];
        var arm = band.AsSpan().IndexOfAny('p', 'q');
        var chromosome = arm > 0 ? band[..arm] : "";
        var known = chromosome is "X" or "Y" || (int.TryParse(chromosome, out var number) && number is >= 1 and <= 22);
        if (!known || !double.TryParse(band.AsSpan(arm + 1), System.Globalization.CultureInfo.InvariantCulture, out _))
            throw row.Error("band", $"expected chromosome, arm and band such as 7p11.2, actual \"{band}\".");
        return band;
    }

    private static int Sign(TsvRow row) => row["effect"] switch
    {
        "activates" => 1,
        "represses" => -1,
        var other => throw row.Error("effect", $"expected activates or represses, actual \"{other}\"."),
    };

    private IReadOnlyList<string> Symbols(TsvRow row, string column)
    {
        var symbols = row.List(column);
        foreach (var symbol in symbols)
        {
            if (!GenesBySymbol.ContainsKey(symbol))
                throw row.Error(column, $"expected symbols of genes.tsv, actual \"{symbol}\".");
        }

        if (symbols.Distinct().Count() != symbols.Count)
            throw row.Error(column, $"expected each gene once, actual \"{row[column]}\".");
        return symbols;
    }
}
