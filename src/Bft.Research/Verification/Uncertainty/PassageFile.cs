using System.Text.Json;
using Bft.Research.Tokenization;
using Bft.Research.Uncertainty;

namespace Bft.Research.Verification.Uncertainty;

/// <summary>The passages of the uncertainty experiment as a table lays them out, tokenized.</summary>
/// <param name="Passages">In the order of the file.</param>
/// <param name="Tokens">Code points of each passage's tokens.</param>
/// <param name="Ids">Ids of each passage's tokens.</param>
internal sealed record PassageFile(IReadOnlyList<Passage> Passages, IReadOnlyList<TextSpan[]> Tokens, IReadOnlyList<int[]> Ids)
{
    /// <summary>Reads a table and tokenizes each text without special tokens, cut at the table's <c>max_tokens</c>.</summary>
    public static PassageFile Read(string path, HfTokenizer tokenizer)
    {
        using var stream = File.OpenRead(path);
        using var document = JsonDocument.Parse(stream);
        var options = new EncodeOptions
        {
            AddSpecialTokens = false,
            Truncation = new() { MaxLength = document.RootElement.GetProperty("max_tokens").GetInt32() },
        };
        List<Passage> passages = [];
        List<TextSpan[]> tokens = [];
        List<int[]> ids = [];
        foreach (var row in document.RootElement.GetProperty("passages").EnumerateArray())
        {
            var passage = ReadPassage(row);
            var encoding = tokenizer.Encode(passage.Text, options);
            var given = row.TryGetProperty("ids", out var stored) ? stored.Integers().Select(id => (int)id).ToArray() : encoding.Ids;
            passages.Add(passage);
            ids.Add(given);
            tokens.Add(Spans(tokenizer, passage.Text, encoding, given));
        }

        return new(passages, tokens, ids);
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
