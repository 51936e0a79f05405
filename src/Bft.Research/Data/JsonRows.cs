using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Bft.Research.Data;

/// <summary>One row of a data file.</summary>
/// <param name="Name">File and line, as <c>file:line</c>.</param>
/// <param name="Value">The row, or undefined when <paramref name="Problem"/> says why not.</param>
/// <param name="Problem">Why there is no value, or null.</param>
internal readonly record struct JsonRow(string Name, JsonElement Value, DataFileException? Problem);

/// <summary>Reads the rows of a JSON Lines file or of a JSON array, one at a time. A UTF-8 byte order mark is passed over.</summary>
internal static class JsonRows
{
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };
    private static readonly UTF8Encoding s_utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>How files begin that hold no JSON, and what they are.</summary>
    private static readonly (byte[] Start, string Name)[] s_foreign =
    [
        ([0xFF, 0xFE, 0, 0], "UTF-32"), ([0, 0, 0xFE, 0xFF], "UTF-32"), ([0xFF, 0xFE], "UTF-16"), ([0xFE, 0xFF], "UTF-16"),
        ([0x1F, 0x8B], "a gzip archive"), ([.. "PK"u8, 3, 4], "a zip archive"), ([0x28, 0xB5, 0x2F, 0xFD], "a zstd archive"), ([.. "PAR1"u8], "a Parquet file"), ([.. "ARROW1"u8], "an Arrow file"),
    ];

    public static IEnumerable<JsonRow> Read(string file)
    {
        Span<byte> start = stackalloc byte[512];
        using (var stream = File.OpenRead(file))
            start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        if (start.IsEmpty)
            return [Bad(DataProblem.EmptyFile, file, 1, "file", "rows", "an empty file")];
        foreach (var (bytes, name) in s_foreign)
            if (start.StartsWith(bytes))
                return [Bad(DataProblem.NotRows, file, 1, "file", "UTF-8 text, JSON Lines or a JSON array", name)];
        if (start.StartsWith(Encoding.UTF8.Preamble))
            start = start[Encoding.UTF8.Preamble.Length..];
        return start.TrimStart(" \t\r\n"u8) is [(byte)'[', ..] ? ReadArray(file) : ReadLines(file);
    }

    private static IEnumerable<JsonRow> ReadLines(string file)
    {
        var found = false;
        List<int> empty = [];
        foreach (var (number, line) in Utf8Lines.Read(file))
        {
            if (line.Span.IndexOfAnyExcept(" \t"u8) < 0)
            {
                empty.Add(number);
                continue;
            }

            foreach (var before in found ? empty : []) // empty lines at the ends of a file are not between rows
                yield return Bad(DataProblem.EmptyLine, file, before, "line", "one JSON object", "an empty line");
            empty.Clear();
            found = true;
            yield return Parse(file, number, "line", line);
        }

        if (!found)
            yield return Bad(DataProblem.EmptyFile, file, 1, "file", "rows", "white space");
    }

    private static JsonRow Parse(string file, int number, string what, ReadOnlyMemory<byte> json)
    {
        if (BrokenAt(json.Span) is { } at)
            return Bad(DataProblem.BrokenText, file, number, what, "UTF-8", $"byte {json.Span[at]:X2} at place {at + 1}");
        try
        {
            using var document = JsonDocument.Parse(json, s_strict);
            return new($"{file}:{number}", document.RootElement.Clone(), null);
        }
        catch (JsonException broken)
        {
            return broken.Message.StartsWith("Duplicate property", StringComparison.Ordinal)
                ? Bad(DataProblem.DuplicateField, file, number, what, "every field once", $"{broken.Message.Split('\'')[1]} twice")
                : Bad(DataProblem.BrokenJson, file, number, what, "one JSON object, or a file that is one JSON array", Reason(broken));
        }
    }

    /// <summary>The file is held as bytes; one row at a time becomes objects.</summary>
    private static IEnumerable<JsonRow> ReadArray(string file)
    {
        var bytes = File.ReadAllBytes(file).AsMemory();
        if (bytes.Span.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        if (BrokenAt(bytes.Span) is { } at)
        {
            yield return Bad(DataProblem.NotRows, file, 1 + bytes.Span[..at].Count((byte)'\n'), "file", "UTF-8", $"byte {bytes.Span[at]:X2} at place {at + 1} of the file");
            yield break;
        }

        var place = new ArrayPlace(0, 1, new());
        var rows = 0;
        while (Next(file, bytes, ref place, out var row))
        {
            rows++;
            yield return row;
            if (row.Problem is { Problem: DataProblem.NotRows })
                yield break; // after broken JSON there is no telling where the next row begins
        }

        if (rows == 0)
            yield return Bad(DataProblem.EmptyFile, file, 1, "file", "rows", "an empty array");
    }

    private readonly record struct ArrayPlace(int At, int Line, JsonReaderState State);

    private static bool Next(string file, ReadOnlyMemory<byte> bytes, ref ArrayPlace place, out JsonRow row)
    {
        row = default;
        var rest = bytes.Span[place.At..];
        try
        {
            var reader = new Utf8JsonReader(rest, isFinalBlock: true, place.State);
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

            var (start, line) = ((int)reader.TokenStartIndex, place.Line + rest[..(int)reader.TokenStartIndex].Count((byte)'\n'));
            reader.Skip();
            var end = (int)reader.BytesConsumed;
            row = Parse(file, line, "row", bytes.Slice(place.At + start, end - start));
            place = new(place.At + end, place.Line + rest[..end].Count((byte)'\n'), reader.CurrentState);
        }
        catch (JsonException broken)
        {
            row = Bad(DataProblem.NotRows, file, place.Line + (int)(broken.LineNumber ?? 0), "file", "one JSON array and nothing behind it", Reason(broken));
        }

        return true;
    }

    /// <summary>Index of the first byte that is not UTF-8, or null.</summary>
    private static int? BrokenAt(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
            return null;
        try
        {
            s_utf8.GetCharCount(text);
            return null;
        }
        catch (DecoderFallbackException broken)
        {
            return broken.Index;
        }
    }

    /// <summary>What the parser says, with the place inside the line and without the number of the line, which it counts otherwise.</summary>
    private static string Reason(JsonException broken)
    {
        var cut = broken.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        if (broken.Message.StartsWith("Expected depth to be zero", StringComparison.Ordinal))
            return $"an end before all objects and lists are closed (at place {broken.BytePositionInLine + 1})";
        var reason = (cut < 0 ? broken.Message : broken.Message[..cut]).TrimEnd('.', ' ');
        return broken.BytePositionInLine is { } at ? $"{reason} (at place {at + 1})" : reason;
    }

    private static JsonRow Bad(DataProblem problem, string file, int line, string field, string expected, string actual) =>
        new($"{file}:{line}", default, new(problem, $"{file}:{line}", field, expected, actual));
}
