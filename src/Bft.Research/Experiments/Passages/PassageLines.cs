using Bft.Research.Uncertainty;

namespace Bft.Research.Experiments.Passages;

/// <summary>A user's own passages: JSON Lines with <c>text</c> and <c>domain</c>, and optionally <c>id</c>, <c>source</c>, and <c>entities</c> as [[start, end], …] in code points.</summary>
internal static class PassageLines
{
    /// <summary>Reads a file; blank lines are passed over.</summary>
    /// <exception cref="InvalidDataException">A line is not JSON, lacks a field or has one of another type, or there is no passage; the message names file, line and field.</exception>
    public static IReadOnlyList<Passage> Read(string path)
    {
        List<Passage> passages =
        [
            .. File.ReadLines(path).Select((line, i) => (Line: line, Number: i + 1)).Where(row => !string.IsNullOrWhiteSpace(row.Line))
                .Select(row => Parse(JsonLine.Parse(path, row.Number, row.Line))),
        ];
        return passages.Count > 0 ? passages : throw new InvalidDataException($"{path}: expected at least one passage, actual none.");
    }

    private static Passage Parse(JsonLine line) => new()
    {
        Text = line.Text("text"),
        Domain = line.Text("domain"),
        Id = line.OptionalText("id") ?? $"{Path.GetFileName(line.File)}:{line.Number}",
        Source = line.OptionalText("source") ?? Path.GetFileNameWithoutExtension(line.File),
        Entities = Entities(line),
    };

    private static List<TextSpan>? Entities(JsonLine line)
    {
        if (!line.Value.TryGetProperty("entities", out var entities))
            return null;
        try
        {
            return [.. entities.EnumerateArray().Select(span => new TextSpan(span[0].GetInt32(), span[1].GetInt32()))];
        }
        catch (Exception e) when (e is InvalidOperationException or IndexOutOfRangeException or FormatException)
        {
            throw new InvalidDataException($"{line.File}:{line.Number}: field 'entities': expected [[start, end], …].", e);
        }
    }
}
