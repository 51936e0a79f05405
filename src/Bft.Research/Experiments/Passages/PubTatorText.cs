using Bft.Research.Uncertainty;

namespace Bft.Research.Experiments.Passages;

/// <summary>Abstracts with entity offsets in PubTator form: <c>pmid|t|title</c>, <c>pmid|a|abstract</c>, then tab-separated mentions.</summary>
/// <remarks>Offsets run over title, one separator and abstract; the separator is read as a blank. A mention whose text does not stand at its offsets is an error.</remarks>
internal static class PubTatorText
{
    public static IEnumerable<SourceText> Read(string path)
    {
        string? id = null, title = null, body = null;
        var mentions = new List<(int Start, int End, string Text, int Line)>();
        var number = 0;
        foreach (var line in File.ReadLines(path).Append(""))
        {
            number++;
            var bars = line.Split('|', 3);
            if (bars.Length == 3 && bars[1] == "t")
                (id, title) = (bars[0], bars[2]);
            else if (bars.Length == 3 && bars[1] == "a")
                body = bars[2];
            else if (line.Length > 0)
                mentions.Add(Mention(path, number, line));
            else if (id is not null && title is not null && body is not null)
            {
                yield return Join(path, id, $"{title} {body}", mentions);
                (id, title, body) = (null, null, null);
                mentions.Clear();
            }
        }
    }

    private static (int Start, int End, string Text, int Line) Mention(string path, int number, string line)
    {
        var cells = line.Split('\t');
        return cells.Length >= 5 && int.TryParse(cells[1], out var start) && int.TryParse(cells[2], out var end)
            ? (start, end, cells[3], number)
            : throw new InvalidDataException($"{path}:{number}: expected pmid, start, end, mention, class between tabs, actual '{line}'.");
    }

    private static SourceText Join(string path, string id, string text, List<(int Start, int End, string Text, int Line)> mentions)
    {
        var runes = text.EnumerateRunes().ToArray();
        var spans = new List<TextSpan>();
        foreach (var (start, end, mention, line) in mentions)
        {
            if (start < 0 || end > runes.Length || start >= end)
                throw new InvalidDataException($"{path}:{line}: mention '{mention}' at {start}..{end} lies outside the {runes.Length} characters of {id}.");
            spans.Add(new(start, end));
        }

        return new(id, text, spans);
    }
}
