using System.Collections.Concurrent;
using Bft.Research.Tokenization.Splitting;
using Microsoft.ML.Tokenizers;

namespace Bft.Research.Tokenization.Vocabularies;

/// <summary>Byte-level byte-pair encoding: a piece becomes its UTF-8 bytes in the alphabet of GPT-2, and pairs are merged in the order of the file.</summary>
/// <remarks>
/// The merges are those of <see cref="BpeTokenizer"/>, given one piece at a time and already in the byte alphabet, where it agrees with the Hugging Face library
/// token for token. What it lacks is here: <c>ignore_merges</c> (a piece that is a token is taken whole, merges or not), offsets in the original text, and special
/// tokens, which it would also find inside a piece. A byte without a token disappears, and the tokens after it in the same piece move
/// left by its width, as in the reference.
/// </remarks>
internal sealed class BytePairVocabulary : ITokenVocabulary
{
    private const int LongestCached = 64, MostCached = 1 << 17;

    private readonly record struct Segment(int Id, string Token, int StartUnit, int LastUnit);

    private readonly TokenTable _table;
    private readonly BpeTokenizer _merger;
    private readonly bool _wholePieces;
    private readonly ConcurrentDictionary<string, Segment[]> _cache = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Segment[]>.AlternateLookup<ReadOnlySpan<char>> _cached;
    private int _cachedCount;

    /// <param name="vocabulary">Ids of the tokens, in the byte alphabet.</param>
    /// <param name="merges">Pairs "left right", most important first.</param>
    /// <param name="wholePieces">Take a piece that is a token whole (<c>ignore_merges</c>).</param>
    /// <exception cref="InvalidOperationException">A merge names a token that is not in the vocabulary.</exception>
    public BytePairVocabulary(IReadOnlyDictionary<string, int> vocabulary, IReadOnlyList<string> merges, bool wholePieces)
    {
        _table = new(vocabulary);
        _merger = BpeTokenizer.Create(new BpeOptions(vocabulary) { Merges = merges });
        _wholePieces = wholePieces;
        _cached = _cache.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int Count => _table.Count;

    public int? IdOf(string token) => _table.IdOf(token);

    public string? TokenOf(int id) => _table.TokenOf(id);

    public void Tokenize(Piece piece, EncodingBuilder into)
    {
        var text = piece.Span;
        if (!_cached.TryGetValue(text, out var segments))
        {
            segments = Cut(text);
            if (text.Length <= LongestCached && Interlocked.Increment(ref _cachedCount) <= MostCached)
                _cached[text] = segments;
        }

        foreach (var segment in segments)
            into.Add(segment.Id, segment.Token, piece.Source.StartOf(piece.Start + segment.StartUnit), piece.Source.EndOf(piece.Start + segment.LastUnit));
    }

    private Segment[] Cut(ReadOnlySpan<char> text)
    {
        var bytes = new byte[System.Text.Encoding.UTF8.GetMaxByteCount(text.Length)];
        bytes = bytes[..System.Text.Encoding.UTF8.GetBytes(text, bytes)];
        var mapped = string.Create(bytes.Length, bytes, static (characters, source) =>
        {
            for (var i = 0; i < source.Length; i++)
                characters[i] = ByteAlphabet.Of(source[i]);
        });
        if (_wholePieces && _table.IdOf(mapped) is { } whole)
            return [new(whole, mapped, 0, text.Length - 1)];

        var owners = Owners(text, bytes);
        var tokens = _merger.EncodeToTokens(mapped, out _, considerPreTokenization: false, considerNormalization: false);
        var segments = new Segment[tokens.Count];
        var at = 0;
        for (var i = 0; i < segments.Length; i++)
        {
            var width = System.Text.Encoding.UTF8.GetByteCount(tokens[i].Value);
            segments[i] = new(tokens[i].Id, tokens[i].Value, owners[at], owners[at + width - 1]);
            at += width;
        }

        return segments;
    }

    /// <summary>For every UTF-8 byte of the mapped text, the UTF-16 unit of the text that it came from.</summary>
    private static int[] Owners(ReadOnlySpan<char> text, byte[] bytes)
    {
        var owners = new List<int>(bytes.Length * 2);
        var at = 0;
        for (var unit = 0; unit < text.Length;)
        {
            System.Text.Rune.DecodeFromUtf16(text[unit..], out var rune, out var width);
            for (var end = at + rune.Utf8SequenceLength; at < end; at++)
                for (var i = ByteAlphabet.Of(bytes[at]) < 0x80 ? 1 : 2; i > 0; i--)
                    owners.Add(unit);
            unit += width;
        }

        return [.. owners];
    }
}
