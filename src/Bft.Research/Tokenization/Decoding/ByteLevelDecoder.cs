using System.Buffers;
using Bft.Research.Tokenization.Vocabularies;

namespace Bft.Research.Tokenization.Decoding;

/// <summary>Joins the bytes of all tokens and reads them as UTF-8; what is not UTF-8 becomes U+FFFD.</summary>
internal sealed class ByteLevelDecoder : ITokenDecoder
{
    public string Decode(IReadOnlyList<string> tokens)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        foreach (var token in tokens)
            ByteAlphabet.Append(token, bytes);
        return System.Text.Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
