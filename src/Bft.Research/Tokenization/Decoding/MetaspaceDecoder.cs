namespace Bft.Research.Tokenization.Decoding;

/// <summary>Turns marks back into spaces; those of the first token vanish when marks were put before texts.</summary>
internal sealed class MetaspaceDecoder(string mark, bool marksFirst) : ITokenDecoder
{
    public string Decode(IReadOnlyList<string> tokens) =>
        string.Concat(tokens.Select((token, i) => token.Replace(mark, i == 0 && marksFirst ? "" : " ", StringComparison.Ordinal)));
}
