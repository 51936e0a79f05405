using System.Text;
using System.Text.Json;

namespace Bft.Research.Data;

/// <summary>One row of a data file.</summary>
/// <param name="Name">File and line, as <c>file:line</c>.</param>
/// <param name="Value">The row, or undefined when <paramref name="Problem"/> says why not.</param>
/// <param name="Problem">Why there is no value, or null.</param>
internal readonly record struct JsonRow(string Name, JsonElement Value, DataFileException? Problem);

/// <summary>Reads the rows of a JSON Lines file or of a JSON array, one at a time.</summary>
internal static class JsonRows
{
    public static IEnumerable<JsonRow> Read(string file)
    {
        if (new FileInfo(file).Length == 0)
            return [Bad(DataProblem.EmptyFile, file, 1, "file", "rows", "an empty file")];
        return FirstCharacter(file) == '[' ? ReadArray(file) : ReadLines(file);
    }

    private static IEnumerable<JsonRow> ReadLines(string file)
    {
        var number = 0;
        var found = false;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                yield return Bad(DataProblem.EmptyLine, file, number, "line", "one JSON object", "an empty line");
                continue;
            }

            found = true;
            yield return Parse(file, number, line);
        }

        if (!found)
            yield return Bad(DataProblem.EmptyFile, file, 1, "file", "rows", "white space");
    }

    private static JsonRow Parse(string file, int number, string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return new($"{file}:{number}", document.RootElement.Clone(), null);
        }
        catch (JsonException broken)
        {
            return Bad(DataProblem.BrokenJson, file, number, "line", "one JSON object", broken.Message);
        }
    }

    /// <summary>The file is held as bytes; one row at a time becomes objects.</summary>
    private static IEnumerable<JsonRow> ReadArray(string file)
    {
        var bytes = File.ReadAllBytes(file);
        var at = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var line = 1;
        var state = new JsonReaderState();
        var rows = 0;
        while (Next(file, bytes, ref at, ref line, ref state, out var row))
        {
            rows++;
            yield return row;
            if (row.Problem is not null)
                yield break; // after broken JSON there is no telling where the next row begins
        }

        if (rows == 0)
            yield return Bad(DataProblem.EmptyFile, file, 1, "file", "rows", "an empty array");
    }

    private static bool Next(string file, byte[] bytes, ref int at, ref int line, ref JsonReaderState state, out JsonRow row)
    {
        var counted = at;
        row = default;
        try
        {
            var reader = new Utf8JsonReader(bytes.AsSpan(at), isFinalBlock: true, state);
            do
            {
                if (!reader.Read())
                    return false;
            }
            while (reader.CurrentDepth == 0 && reader.TokenType == JsonTokenType.StartArray);
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                reader.Read();
                return false;
            }

            var started = line + bytes.AsSpan(counted, (int)reader.TokenStartIndex).Count((byte)'\n');
            var value = JsonElement.ParseValue(ref reader);
            at = counted + (int)reader.BytesConsumed;
            line += bytes.AsSpan(counted, (int)reader.BytesConsumed).Count((byte)'\n');
            state = reader.CurrentState;
            row = new($"{file}:{started}", value, null);
        }
        catch (JsonException broken)
        {
            row = Bad(DataProblem.BrokenJson, file, (int)(broken.LineNumber ?? 0) + 1, "row", "JSON", broken.Message);
        }

        return true;
    }

    private static char FirstCharacter(string file)
    {
        using var reader = new StreamReader(file);
        int character;
        do
            character = reader.Read();
        while (character >= 0 && char.IsWhiteSpace((char)character));
        return character < 0 ? '\0' : (char)character;
    }

    private static JsonRow Bad(DataProblem problem, string file, int line, string field, string expected, string actual) =>
        new($"{file}:{line}", default, new(problem, $"{file}:{line}", field, expected, actual));
}
