using System.Text.Json;
using Bft.Research.Evaluation;
using Bft.Research.Tokenization;
using Bft.Research.Uncertainty;
using Bft.Research.Verification;

namespace Bft.Research.Experiments.Passages;

/// <summary>A table of passages in the format <c>bft-golden-1-table</c>: <c>max_tokens</c>, and <c>passages</c> with id, source, domain, text and entity ranges.</summary>
public static class PassageTable
{
    /// <summary>Reads a table and tokenizes each text without special tokens, cut at the table's <c>max_tokens</c>; ids that the table gives come first.</summary>
    /// <exception cref="InvalidDataException">A field is missing or of another type.</exception>
    public static IReadOnlyList<TokenizedPassage> Read(string path, HfTokenizer tokenizer)
    {
        using var stream = File.OpenRead(path);
        using var document = JsonDocument.Parse(stream);
        try
        {
            var options = new EncodeOptions
            {
                AddSpecialTokens = false,
                Truncation = new() { MaxLength = document.RootElement.GetProperty("max_tokens").GetInt32() },
            };
            return [.. document.RootElement.GetProperty("passages").EnumerateArray().Select(row => ReadRow(row, tokenizer, options))];
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path}: not a table of passages: {e.Message}", e);
        }
    }

    private static TokenizedPassage ReadRow(JsonElement row, HfTokenizer tokenizer, EncodeOptions options)
    {
        var passage = ReadPassage(row);
        var encoding = tokenizer.Encode(passage.Text, options);
        var ids = row.TryGetProperty("ids", out var stored) ? stored.Integers().Select(id => (int)id).ToArray() : encoding.Ids;
        return new(passage, ids, Spans(tokenizer, passage.Text, encoding, ids));
    }

    private static Passage ReadPassage(JsonElement row) => new()
    {
        Id = row.GetProperty("id").Text(),
        Source = row.GetProperty("source").Text(),
        Domain = row.GetProperty("domain").Text(),
        Text = row.GetProperty("text").Text(),
        Entities = row.TryGetProperty("entities", out var entities) && entities.ValueKind == JsonValueKind.Array
            ? [.. entities.EnumerateArray().Select(e => new TextSpan(e[0].GetInt32(), e[1].GetInt32()))]
            : null,
    };

    /// <summary>Offsets of the encoding as far as its ids are the given ones; from there on by counting the bytes of byte-level tokens.</summary>
    private static TextSpan[] Spans(HfTokenizer tokenizer, string text, TokenEncoding encoding, int[] ids)
    {
        var spans = new TextSpan[ids.Length];
        var same = 0;
        for (; same < ids.Length && same < encoding.Length && ids[same] == encoding.Ids[same]; same++)
            spans[same] = new(encoding.Offsets[same].Start, encoding.Offsets[same].End);
        if (same == ids.Length)
            return spans;

        List<int> codePointOfByte = [];
        foreach (var (rune, at) in text.EnumerateRunes().Select((rune, at) => (rune, at)))
            codePointOfByte.AddRange(Enumerable.Repeat(at, rune.Utf8SequenceLength));
        var next = codePointOfByte.IndexOf(same == 0 ? 0 : spans[same - 1].End);
        for (var t = same; t < ids.Length; t++)
        {
            var end = Math.Min(next + tokenizer.IdToToken(ids[t])!.Length, codePointOfByte.Count);
            spans[t] = new(codePointOfByte[Math.Min(next, codePointOfByte.Count - 1)], codePointOfByte[Math.Max(0, end - 1)] + 1);
            next = end;
        }

        return spans;
    }
}
