using Bft.Research.Tokenization.Splitting;

namespace Bft.Research.Tokenization.Decoding;

/// <summary>Reads the <c>decoder</c> of a tokenizer file.</summary>
internal static class DecoderReader
{
    public static ITokenDecoder Read(TokenizerNode node) => node.Text("type") switch
    {
        "ByteLevel" => new ByteLevelDecoder(),
        "WordPiece" => new WordPieceDecoder(node.OptionalText("prefix") ?? "##", node.Flag("cleanup", true)),
        "Metaspace" => new MetaspaceDecoder(node.OptionalText("replacement") ?? "▁", PreTokenizerReader.Prepend(node) != PrependMark.Never),
        _ => throw node.Required("type").Wrong("ByteLevel, WordPiece or Metaspace"),
    };
}
