using Bft.Research.Tokenization.Decoding;
using Bft.Research.Tokenization.Splitting;

namespace Bft.Research.Tokenization;

/// <summary>A tokenizer in the form of the Hugging Face <c>tokenizers</c> library: text to ids with offsets, and back.</summary>
/// <remarks>
/// Supported: byte-level BPE, WordPiece and Unigram vocabularies with their usual normalisers, splits, post-processors and decoders; anything else is a
/// <see cref="TokenizerException"/> that names the part. Microsoft.ML.Tokenizers does the byte-pair merges. Its own pipeline is not used because it differs from
/// the reference: a split pattern there never matches letters or digits beyond U+FFFF, <c>ignore_merges</c> and the flags of added tokens are unknown,
/// offsets point into the normalised text, and its tiktoken tokenizer forgets special tokens when a cache is full.
/// Instances are immutable and may be used from several threads.
/// </remarks>
public sealed class HfTokenizer
{
    private readonly TokenizerParts _parts;
    private readonly AddedTokenSearch _inOriginal;
    private readonly AddedTokenSearch _inNormalized;
    private readonly Dictionary<string, AddedToken> _addedByText;
    private readonly Dictionary<int, AddedToken> _addedById;

    internal HfTokenizer(TokenizerParts parts, Func<Func<string, int?>, SpecialTokens> roles)
    {
        _parts = parts;
        _addedByText = new(StringComparer.Ordinal);
        _addedById = [];
        foreach (var token in parts.Added)
        {
            _addedByText[token.Content] = token;
            _addedById[token.Id] = token;
        }

        _inOriginal = new(parts.Added.Where(token => !token.Normalized), null);
        _inNormalized = new(parts.Added.Where(token => token.Normalized), parts.Normalizer);
        SpecialTokens = roles(TokenToId);
        var outside = parts.Added.Where(token => parts.Vocabulary.IdOf(token.Content) is null).DistinctBy(token => token.Content).ToList();
        VocabularySize = parts.Vocabulary.Count + outside.Count;
    }

    /// <summary>Reads a tokenizer.</summary>
    /// <param name="path">
    /// A folder with <c>tokenizer.json</c>, or with <c>vocab.json</c> and <c>merges.txt</c>, or with <c>vocab.txt</c> (each with <c>tokenizer_config.json</c>); or a tokenizer.json itself.
    /// </param>
    /// <exception cref="TokenizerException">A file is broken or asks for something unsupported.</exception>
    /// <exception cref="FileNotFoundException">No tokenizer is there.</exception>
    public static HfTokenizer Load(string path)
    {
        var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        return new(TokenizerReader.Read(path), idOf => SpecialTokens.Read(folder, idOf));
    }

    /// <summary>Number of different tokens, added ones included. A model's embedding may have more rows.</summary>
    public int VocabularySize { get; }

    /// <summary>Tokens that are found before the vocabulary sees the text, in the order of the file.</summary>
    public IReadOnlyList<AddedToken> AddedTokens => _parts.Added;

    /// <summary>The roles of tokens.</summary>
    public SpecialTokens SpecialTokens { get; }

    /// <summary>The truncation that tokenizer.json stores, which applies only when passed to an encode method; or null.</summary>
    public Truncation? StoredTruncation => _parts.Truncation;

    /// <summary>The padding that tokenizer.json stores, which applies only when passed to an encode method; or null.</summary>
    public Padding? StoredPadding => _parts.Padding;

    /// <summary>The id of a vocabulary string or added token, or null.</summary>
    public int? TokenToId(string token) => _addedByText.TryGetValue(token, out var added) ? added.Id : _parts.Vocabulary.IdOf(token);

    /// <summary>The vocabulary string or added token of an id, or null.</summary>
    public string? IdToToken(int id) => _addedById.TryGetValue(id, out var added) ? added.Content : _parts.Vocabulary.TokenOf(id);

    /// <summary>Whether an id is a special token, which decoding can leave out.</summary>
    public bool IsSpecial(int id) => IdToToken(id) is { } token && _addedByText.TryGetValue(token, out var added) && added.Special;

    /// <summary>Encodes a text.</summary>
    /// <param name="text">Well-formed UTF-16.</param>
    /// <param name="addSpecialTokens">Whether the post-processor adds its tokens. Special tokens inside the text are always recognised.</param>
    /// <exception cref="ArgumentException">The text holds half a surrogate pair.</exception>
    public TokenEncoding Encode(string text, bool addSpecialTokens = true) => Encode(text, new EncodeOptions { AddSpecialTokens = addSpecialTokens });

    /// <summary>Encodes a text.</summary>
    /// <exception cref="InvalidOperationException">It cannot be truncated as asked.</exception>
    public TokenEncoding Encode(string text, EncodeOptions options) => Pad(Finish([Tokens(text, 0)], options), options);

    /// <summary>Encodes two texts as one input; offsets belong to each text on its own.</summary>
    /// <exception cref="InvalidOperationException">They cannot be truncated as asked.</exception>
    public TokenEncoding EncodePair(string first, string second, EncodeOptions options) => Pad(Finish([Tokens(first, 0), Tokens(second, 1)], options), options);

    /// <summary>Encodes texts; padding, when asked for, brings all to one length.</summary>
    /// <exception cref="InvalidOperationException">One cannot be truncated as asked.</exception>
    public IReadOnlyList<TokenEncoding> EncodeBatch(IReadOnlyList<string> texts, EncodeOptions options)
    {
        var encodings = texts.Select(text => Finish([Tokens(text, 0)], options)).ToList();
        return options.Padding?.Apply(encodings) ?? encodings;
    }

    /// <summary>The pieces inside which the vocabulary looks for tokens, for a text that is already normalised and holds no added tokens.</summary>
    public IReadOnlyList<TokenOffset> PreTokenize(string text)
    {
        var pieces = new List<Piece>();
        Split(AlignedText.Original(text), pieces);
        return [.. pieces.Select(piece => new TokenOffset(piece.Source.StartOf(piece.Start), piece.Source.EndOf(piece.Start + piece.Length - 1)))];
    }

    /// <summary>The text of ids. Ids without a token are left out; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens = false)
    {
        var tokens = new List<string>();
        foreach (var id in ids)
            if (IdToToken(id) is { } token && !(skipSpecialTokens && IsSpecial(id)))
                tokens.Add(token);
        return _parts.Decoder?.Decode(tokens) ?? string.Join(' ', tokens);
    }

    /// <summary>Removes the spaces that decoding leaves before punctuation and contractions, as <c>clean_up_tokenization_spaces</c> asks.</summary>
    public static string CleanUp(string text) => Spacing.CleanUp(text);

    private TokenEncoding Tokens(string text, int type)
    {
        ArgumentNullException.ThrowIfNull(text);
        var builder = new EncodingBuilder();
        var pieces = new List<Piece>();
        var original = AlignedText.Original(text);
        foreach (var (start, end, token) in _inOriginal.Split(text))
        {
            var part = original.Slice(start, end - start);
            if (token is not null)
                builder.Add(token.Id, part.Text, part.StartOf(0), part.EndOf(part.Text.Length - 1));
            else
                Tokenize(_parts.Normalizer?.Normalize(part) ?? part, pieces, builder);
        }

        return builder.Build(type);
    }

    private void Tokenize(AlignedText normalized, List<Piece> pieces, EncodingBuilder builder)
    {
        foreach (var (start, end, token) in _inNormalized.Split(normalized.Text))
        {
            var part = normalized.Slice(start, end - start);
            if (token is not null)
            {
                builder.Add(token.Id, part.Text, part.StartOf(0), part.EndOf(part.Text.Length - 1));
                continue;
            }

            pieces.Clear();
            Split(part, pieces);
            foreach (var piece in pieces)
                _parts.Vocabulary.Tokenize(piece, builder);
        }
    }

    private void Split(AlignedText text, List<Piece> into)
    {
        if (text.Text.Length == 0)
            return;
        var whole = new Piece(text, 0, text.Text.Length);
        if (_parts.PreTokenizer is { } preTokenizer)
            preTokenizer.Split(whole, into);
        else
            into.Add(whole);
    }

    private TokenEncoding Finish(IReadOnlyList<TokenEncoding> texts, EncodeOptions options)
    {
        var processor = _parts.PostProcessor;
        if (options.Truncation is { } truncation)
            texts = truncation.Apply(texts, options.AddSpecialTokens ? processor?.AddedTokens(texts.Count > 1) ?? 0 : 0);
        var parts = processor?.Process(texts, options.AddSpecialTokens) ?? texts;
        return parts.Count == 1 ? parts[0] : parts.Aggregate(TokenEncoding.Empty, (joined, part) => joined.Then(part));
    }

    private static TokenEncoding Pad(TokenEncoding encoding, EncodeOptions options) => options.Padding?.Apply([encoding])[0] ?? encoding;
}
