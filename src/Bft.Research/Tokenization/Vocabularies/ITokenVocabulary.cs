using Bft.Research.Tokenization.Splitting;

namespace Bft.Research.Tokenization.Vocabularies;

/// <summary>Turns the pieces of a text into tokens.</summary>
internal interface ITokenVocabulary
{
    /// <summary>Number of tokens.</summary>
    int Count { get; }

    /// <summary>The id of a token, or null.</summary>
    int? IdOf(string token);

    /// <summary>The token of an id, or null.</summary>
    string? TokenOf(int id);

    /// <summary>Adds the tokens of a piece.</summary>
    void Tokenize(Piece piece, EncodingBuilder into);
}

/// <summary>Tokens by id and ids by token.</summary>
internal sealed class TokenTable
{
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<int, string> _tokens;

    public TokenTable(IEnumerable<KeyValuePair<string, int>> ids)
    {
        _ids = new(ids, StringComparer.Ordinal);
        _tokens = new(_ids.Count);
        foreach (var (token, id) in _ids)
            _tokens[id] = token;
        Lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Lookup { get; }

    public IReadOnlyDictionary<string, int> Ids => _ids;

    public int Count => _ids.Count;

    public int? IdOf(string token) => _ids.TryGetValue(token, out var id) ? id : null;

    public string? TokenOf(int id) => _tokens.GetValueOrDefault(id);
}
