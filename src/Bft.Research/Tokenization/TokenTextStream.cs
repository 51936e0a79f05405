namespace Bft.Research.Tokenization;

/// <summary>Turns tokens that arrive one by one into text, and gives a character only when it is whole: a token may end within the bytes of a character.</summary>
/// <param name="tokenizer">Tokenizer of the tokens.</param>
/// <param name="skipSpecialTokens">Whether special tokens have no text.</param>
/// <remarks>
/// All pieces together are what <see cref="HfTokenizer.Decode"/> gives for all tokens, as long as that only grows at its end; a decoder that cleans up blanks may
/// change what was given already, and then the text goes on from where it stands. Bytes that never become a character come with <see cref="Finish"/>.
/// </remarks>
public sealed class TokenTextStream(HfTokenizer tokenizer, bool skipSpecialTokens = true)
{
    private const char Broken = '\uFFFD';
    private readonly List<int> _ids = [];
    private int _start; // tokens before it are settled; those between it and _given give context for blanks
    private int _given;

    /// <summary>The text that becomes certain with one more token; may be empty.</summary>
    /// <param name="id">The token.</param>
    public string Add(int id)
    {
        _ids.Add(id);
        var before = Text(_start, _given);
        var now = Text(_start, _ids.Count);
        if (now.Length <= before.Length || now[^1] == Broken)
            return "";
        (_start, _given) = (_given, _ids.Count);
        return now[before.Length..];
    }

    /// <summary>What was held back, with U+FFFD for bytes that are no character.</summary>
    public string Finish()
    {
        var before = Text(_start, _given);
        var now = Text(_start, _ids.Count);
        (_start, _given) = (_given, _ids.Count);
        return now.Length > before.Length ? now[before.Length..] : "";
    }

    private string Text(int from, int to) => tokenizer.Decode(_ids[from..to], skipSpecialTokens);
}
