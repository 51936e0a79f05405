using Bft.Research.Tokenization.Splitting;

namespace Bft.Research.Tokenization.Vocabularies;

/// <summary>WordPiece: the longest token that begins a word, then the longest continuation, and so on; one unknown token when any part is missing.</summary>
/// <remarks><c>WordPieceTokenizer</c> of Microsoft.ML.Tokenizers is not used: it measures words in UTF-16 units, and its offsets belong to the normalised text.</remarks>
internal sealed class WordPieceVocabulary(IReadOnlyDictionary<string, int> vocabulary, string unknown, string prefix, int longestWord) : ITokenVocabulary
{
    private readonly TokenTable _table = new(vocabulary);
    private readonly int _unknownId = vocabulary[unknown];

    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _continuations = vocabulary
        .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value, StringComparer.Ordinal)
        .GetAlternateLookup<ReadOnlySpan<char>>();

    public int Count => _table.Count;

    public int? IdOf(string token) => _table.IdOf(token);

    public string? TokenOf(int id) => _table.TokenOf(id);

    public void Tokenize(Piece piece, EncodingBuilder into)
    {
        var found = Cut(piece.Span);
        if (found is null)
        {
            into.Add(_unknownId, unknown, piece.Source.StartOf(piece.Start), piece.Source.EndOf(piece.Start + piece.Length - 1));
            return;
        }

        foreach (var (id, start, end) in found)
            into.Add(id, _table.TokenOf(id)!, piece.Source.StartOf(piece.Start + start), piece.Source.EndOf(piece.Start + end - 1));
    }

    private List<(int Id, int Start, int End)>? Cut(ReadOnlySpan<char> word)
    {
        if (CodePoints(word) > longestWord)
            return null;
        var found = new List<(int, int, int)>();
        for (var start = 0; start < word.Length;)
        {
            var end = word.Length;
            for (; end > start; end--)
            {
                if (end < word.Length && char.IsLowSurrogate(word[end]))
                    continue;
                var known = start == 0 ? _table.Lookup.TryGetValue(word[..end], out var id) : _continuations.TryGetValue(word[start..end], out id);
                if (known)
                {
                    found.Add((id, start, end));
                    break;
                }
            }

            if (end == start)
                return null;
            start = end;
        }

        return found;
    }

    private static int CodePoints(ReadOnlySpan<char> word)
    {
        var points = 0;
        foreach (var unit in word)
            if (!char.IsLowSurrogate(unit))
                points++;
        return points;
    }
}
