namespace Bft.Research.Tokenization.Decoding;

/// <summary>Turns tokens back into text.</summary>
internal interface ITokenDecoder
{
    string Decode(IReadOnlyList<string> tokens);
}
