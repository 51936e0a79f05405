using Bft.Research.Tokenization.Splitting;

namespace Bft.Research.Tokenization.Vocabularies;

/// <summary>Unigram language model (Kudo 2018): the cut of a piece whose tokens have the greatest sum of log-probabilities.</summary>
/// <remarks>
/// A character without a token of its own costs the lowest score of the vocabulary less 10 and is unknown; neighbouring unknown characters are one token, which
/// keeps their text. Microsoft.ML.Tokenizers has such a model only inside its SentencePiece tokenizer, which reads another file format.
/// </remarks>
internal sealed class UnigramVocabulary : ITokenVocabulary
{
    private const double UnknownPenalty = 10;

    private readonly TokenTable _table;
    private readonly double[] _scores;
    private readonly int _unknownId;
    private readonly double _unknownScore;
    private readonly int _longest;

    private record struct Node(double Score, int Start, int Id);

    /// <param name="tokens">Tokens with their scores (natural logarithms); the index is the id. Of equal tokens the last one counts.</param>
    /// <param name="unknownId">Id of the unknown token.</param>
    public UnigramVocabulary(IReadOnlyList<(string Token, double Score)> tokens, int unknownId)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < tokens.Count; id++)
            ids[tokens[id].Token] = id;
        _table = new(ids);
        _scores = [.. tokens.Select(token => token.Score)];
        _unknownId = unknownId;
        _unknownScore = _scores.Min() - UnknownPenalty;
        _longest = tokens.Max(token => token.Token.Length);
    }

    public int Count => _table.Count;

    public int? IdOf(string token) => _table.IdOf(token);

    public string? TokenOf(int id) => _table.TokenOf(id);

    public void Tokenize(Piece piece, EncodingBuilder into)
    {
        var text = piece.Span;
        var ends = BestPaths(text);
        var cuts = new List<(int Start, int End, bool Known)>();
        for (var end = text.Length; end > 0; end = ends[end].Start)
        {
            var known = ends[end].Id != _unknownId;
            if (!known && cuts.Count > 0 && !cuts[^1].Known)
                cuts[^1] = (ends[end].Start, cuts[^1].End, false);
            else
                cuts.Add((ends[end].Start, end, known));
        }

        for (var i = cuts.Count - 1; i >= 0; i--)
        {
            var (start, end, _) = cuts[i];
            var id = _table.Lookup.TryGetValue(text[start..end], out var found) ? found : _unknownId;
            into.Add(id, text[start..end].ToString(), piece.Source.StartOf(piece.Start + start), piece.Source.EndOf(piece.Start + end - 1));
        }
    }

    /// <summary>For every position, the best way to reach it.</summary>
    private Node[] BestPaths(ReadOnlySpan<char> text)
    {
        var ends = new Node[text.Length + 1];
        Array.Fill(ends, new(0, -1, 0), 1, text.Length);
        for (var start = 0; start < text.Length;)
        {
            var width = Width(text, start);
            var single = false;
            for (var end = start + width; end <= text.Length && end - start <= _longest; end += end < text.Length ? Width(text, end) : 1)
            {
                if (!_table.Lookup.TryGetValue(text[start..end], out var id))
                    continue;
                Offer(ref ends[end], new(ends[start].Score + _scores[id], start, id));
                single |= end == start + width;
            }

            if (!single)
                Offer(ref ends[start + width], new(ends[start].Score + _unknownScore, start, _unknownId));
            start += width;
        }

        return ends;
    }

    private static void Offer(ref Node best, Node candidate)
    {
        if (best.Start < 0 || candidate.Score > best.Score)
            best = candidate;
    }

    private static int Width(ReadOnlySpan<char> text, int at) => at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
}
