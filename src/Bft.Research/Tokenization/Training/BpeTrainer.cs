using Bft.Research.Tokenization.Normalizing;
using Bft.Research.Tokenization.Splitting;
using Bft.Research.Tokenization.Vocabularies;

namespace Bft.Research.Tokenization.Training;

/// <summary>Learns byte-level byte-pair merges from texts (Sennrich et al. 2016): again and again, the most frequent pair of neighbouring tokens becomes a token.</summary>
/// <remarks>
/// Text is brought to NFC and split by the pattern; merges never cross pieces. Of equally frequent pairs the one with the smaller ids wins, so the same texts give the
/// same tokenizer. Added tokens inside the texts are not special here: give texts without them.
/// </remarks>
public sealed class BpeTrainer
{
    private readonly BpeTrainerOptions _options;
    private readonly List<(int[] Symbols, long Count)> _words = [];
    private readonly Dictionary<(int Left, int Right), long> _counts = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _places = [];
    private readonly PriorityQueue<(int Left, int Right), (long NegativeCount, int Left, int Right)> _queue = new();
    private readonly List<string> _tokens = [.. ByteAlphabet.Ordered.Select(character => character.ToString())];
    private readonly Dictionary<string, int> _ids = [];
    private readonly List<(string Left, string Right)> _merges = [];

    private BpeTrainer(BpeTrainerOptions options)
    {
        _options = options;
        for (var id = 0; id < _tokens.Count; id++)
            _ids[_tokens[id]] = id;
    }

    /// <summary>Learns from texts.</summary>
    /// <param name="texts">Texts; the order does not matter.</param>
    /// <param name="options">Sizes and special tokens.</param>
    /// <param name="cancellationToken">Stops between merges.</param>
    /// <exception cref="ArgumentException">The options are wrong, or the texts hold nothing.</exception>
    public static TrainedBpe Train(IEnumerable<string> texts, BpeTrainerOptions options, CancellationToken cancellationToken = default)
    {
        var problems = options.Validate().ToList();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        var trainer = new BpeTrainer(options);
        trainer.Count(texts);
        trainer.Merge(options.VocabularySize - options.SpecialTokens.Count - options.PlainTokens.Count, cancellationToken);
        return new(trainer._tokens, trainer._merges, options);
    }

    private void Count(IEnumerable<string> texts)
    {
        var normalizer = new UnicodeForm(compatible: false, compose: true);
        var split = new PatternSplit(SplitPatterns.Compile(_options.Pattern), SplitBehavior.Isolated, invert: false);
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var pieces = new List<Piece>();
        foreach (var text in texts)
        {
            pieces.Clear();
            var normalized = normalizer.Normalize(AlignedText.Original(text));
            split.Split(new(normalized, 0, normalized.Text.Length), pieces);
            foreach (var piece in pieces)
            {
                var key = piece.Span.ToString();
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }
        }

        if (counts.Count == 0)
            throw new ArgumentException("Expected texts to learn from, found none.", nameof(texts));
        foreach (var (piece, count) in counts)
            _words.Add(([.. System.Text.Encoding.UTF8.GetBytes(piece).Select(value => _ids[ByteAlphabet.Of(value).ToString()])], count));
    }

    private void Merge(int size, CancellationToken cancellationToken)
    {
        for (var word = 0; word < _words.Count; word++)
            for (var i = 0; i + 1 < _words[word].Symbols.Length; i++)
                Change((_words[word].Symbols[i], _words[word].Symbols[i + 1]), _words[word].Count, word);
        foreach (var pair in _counts.Keys)
            Enqueue(pair);

        while (_tokens.Count < size && _queue.TryDequeue(out var pair, out var priority))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = _counts.GetValueOrDefault(pair);
            if (count != -priority.NegativeCount)
                continue; // an outdated entry; the pair was queued again when its count changed
            if (count < _options.MinimumFrequency)
                return;
            Merge(pair);
        }
    }

    private void Merge((int Left, int Right) pair)
    {
        var token = _tokens[pair.Left] + _tokens[pair.Right];
        if (!_ids.TryGetValue(token, out var id))
        {
            id = _ids[token] = _tokens.Count;
            _tokens.Add(token);
        }

        _merges.Add((_tokens[pair.Left], _tokens[pair.Right]));
        var changed = new HashSet<(int, int)>();
        foreach (var word in _places[pair].Order().ToList())
        {
            var (symbols, count) = _words[word];
            for (var i = 0; i + 1 < symbols.Length; i++)
                changed.Add(Change((symbols[i], symbols[i + 1]), -count, word));
            symbols = Joined(symbols, pair, id);
            _words[word] = (symbols, count);
            for (var i = 0; i + 1 < symbols.Length; i++)
                changed.Add(Change((symbols[i], symbols[i + 1]), count, word));
        }

        _counts.Remove(pair);
        _places.Remove(pair);
        foreach (var other in changed)
            Enqueue(other);
    }

    private static int[] Joined(int[] symbols, (int Left, int Right) pair, int id)
    {
        var joined = new List<int>(symbols.Length);
        for (var i = 0; i < symbols.Length; i++)
            if (i + 1 < symbols.Length && symbols[i] == pair.Left && symbols[i + 1] == pair.Right)
            {
                joined.Add(id);
                i++;
            }
            else
                joined.Add(symbols[i]);
        return [.. joined];
    }

    private (int Left, int Right) Change((int Left, int Right) pair, long count, int word)
    {
        _counts[pair] = _counts.GetValueOrDefault(pair) + count;
        if (!_places.TryGetValue(pair, out var places))
            _places[pair] = places = [];
        if (count > 0)
            places.Add(word);
        return pair;
    }

    private void Enqueue((int Left, int Right) pair)
    {
        if (_counts.TryGetValue(pair, out var count) && count > 0)
            _queue.Enqueue(pair, (-count, pair.Left, pair.Right));
    }
}
