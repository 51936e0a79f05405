namespace Bft.Research.Experiments.Passages;

/// <summary>Sources of unannotated text: gene summaries, encyclopaedia articles, web pages, treebank documents.</summary>
internal static class PlainText
{
    private const int PlaceCharacters = 2000;
    private const int PlacesOfAnArticle = 4;

    /// <summary>RefSeq summary and Alliance description of each gene of a tab-separated table with a header, joined where both exist.</summary>
    public static IEnumerable<SourceText> GeneSummaries(string path) => File.ReadLines(path).Skip(1)
        .Select((line, i) => (Cells: line.Split('\t'), Line: i + 2))
        .Select(row => row.Cells.Length == 5
            ? new SourceText(row.Cells[0], $"{row.Cells[1]} {row.Cells[3]}".Trim())
            : throw new InvalidDataException($"{path}:{row.Line}: expected 5 tab-separated columns, actual {row.Cells.Length}."));

    /// <summary>Up to four places of every article; an article is a line.</summary>
    public static IEnumerable<SourceText> Articles(string path) => File.ReadLines(path).SelectMany(Places);

    /// <summary>The <c>text</c> of every line of JSON.</summary>
    public static IEnumerable<SourceText> Pages(string path) => File.ReadLines(path).Select((line, i) =>
        new SourceText($"{i:000}", JsonLine.Parse(path, i + 1, line).Text("text")));

    /// <summary>Documents of a CoNLL-U file: the <c># text</c> of its sentences, joined by a blank; <c># newdoc</c> opens a document.</summary>
    public static IEnumerable<SourceText> Documents(string path)
    {
        const string document = "# newdoc", text = "# text = ";
        var sentences = new List<string>();
        var number = 0;
        foreach (var line in File.ReadLines(path).Append(document))
        {
            if (line.StartsWith(text, StringComparison.Ordinal))
                sentences.Add(line[text.Length..]);
            if (!line.StartsWith(document, StringComparison.Ordinal) || sentences.Count == 0)
                continue;
            yield return new($"{number++:000}", string.Join(' ', sentences));
            sentences.Clear();
        }
    }

    private static IEnumerable<SourceText> Places(string article, int number)
    {
        var step = Math.Max(PlaceCharacters, article.Length / PlacesOfAnArticle);
        for (var place = 0; place < PlacesOfAnArticle && place * step < article.Length; place++)
        {
            var from = place == 0 ? 0 : article.IndexOf(". ", place * step, StringComparison.Ordinal) + 2;
            if (from < 2 && place > 0)
                yield break;
            var length = Math.Min(PlaceCharacters, article.Length - from);
            if (length > 0 && char.IsLowSurrogate(article[from]))
                from++;
            yield return new($"{number:00}#{place}", article.Substring(from, Math.Min(length, article.Length - from)).TrimEnd('\uD800'));
        }
    }
}
