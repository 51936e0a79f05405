using System.Text;
using System.Text.Json;
using Bft.Research.Data;
using Bft.Research.Numerics;
using Bft.Research.Tokenization;

namespace Bft.Research.Evaluation;

/// <summary>Running text as rows all of whose tokens are supervised, for perplexity and for watching what is forgotten.</summary>
public static class TextRows
{
    /// <summary>Reads texts and cuts them into pieces. Every piece begins with the tokenizer's begin token, else its end token, so that its first token is scored too; without either it is not.</summary>
    /// <param name="file">JSON Lines with a field <c>text</c> (a file named <c>.jsonl</c> or <c>.json</c>), or plain text, which is one text.</param>
    /// <param name="tokenizer">Tokenizer of the model.</param>
    /// <param name="pieceLength">Most tokens of a piece, the first included; at least 2. Context does not go across pieces.</param>
    /// <param name="limit">Most texts, from the start of the file; null for all.</param>
    /// <returns>Pieces of one text follow each other and have its name.</returns>
    /// <exception cref="DataFileException">A line is no JSON object with a text, or there is no text.</exception>
    public static RowSet Read(string file, HfTokenizer tokenizer, int pieceLength = 1024, int? limit = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pieceLength, 2);
        if (!File.Exists(file))
            throw new InvalidDataException($"{file}: no such file.");
        var first = tokenizer.SpecialTokens.Begin?.Id ?? tokenizer.SpecialTokens.End?.Id;
        List<TokenizedExample> pieces = [];
        foreach (var (text, name) in Texts(file).Take(limit ?? int.MaxValue))
            pieces.AddRange(Pieces(tokenizer.Encode(text, addSpecialTokens: false).Ids, first, pieceLength, name));
        return pieces.Count > 0
            ? new(pieces, tokenizer.SpecialTokens.Pad?.Id ?? tokenizer.SpecialTokens.End?.Id ?? 0)
            : throw new DataFileException(DataProblem.EmptyFile, $"{file}:1", "file", "at least one text with a token to predict", "none");
    }

    private static IEnumerable<TokenizedExample> Pieces(int[] ids, int? first, int pieceLength, string name)
    {
        foreach (var part in ids.Chunk(first is null ? pieceLength : pieceLength - 1))
        {
            int[] piece = first is { } id ? [id, .. part] : part;
            if (piece.Length < 2)
                continue;
            yield return new() { Ids = piece, Labels = [NextToken.Ignored, .. piece.Skip(1).Select(token => (long)token)], Name = name };
        }
    }

    private static IEnumerable<(string Text, string Name)> Texts(string file)
    {
        if (Path.GetExtension(file) is not (".jsonl" or ".json"))
            return [(Plain(file), $"{file}:1")];
        return JsonRows.Read(file).Select(row => row.Problem is { } problem ? throw problem : (Text(row.Value, row.Name), row.Name));
    }

    private static string Plain(string file)
    {
        try
        {
            return File.ReadAllText(file, new UTF8Encoding(false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"{file}: expected UTF-8, actual the byte {Convert.ToHexString(e.BytesUnknown ?? [])} at place {e.Index}.", e);
        }
    }

    private static string Text(JsonElement row, string name) => new DataNode(name, "", row).Required("text").Text();
}
