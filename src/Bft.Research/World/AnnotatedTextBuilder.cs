using System.Text;

namespace Bft.Research.World;

/// <summary>Appends text, keeps the spans in code points, and capitalises the next letter on request.</summary>
internal sealed class AnnotatedTextBuilder
{
    private readonly StringBuilder _text = new();
    private readonly List<MarkedSpan> _spans = [];
    private int _codePoints;
    private bool _capital;

    /// <summary>The next appended text starts with an upper-case letter.</summary>
    public void CapitaliseNext() => _capital = true;

    public void Append(string text, SpanKind? kind = null)
    {
        if (text.Length == 0)
            return;
        var written = _capital ? char.ToUpperInvariant(text[0]) + text[1..] : text;
        _capital = false;
        var start = _codePoints;
        _text.Append(written);
        foreach (var _ in written.EnumerateRunes())
            _codePoints++;
        if (kind is { } known)
            _spans.Add(new(start, _codePoints, known, text));
    }

    /// <summary>Appends a sentence, with a space before it unless it is the first.</summary>
    public void Sentence(Action<AnnotatedTextBuilder> write)
    {
        if (_text.Length > 0)
            Append(" ");
        CapitaliseNext();
        write(this);
        _capital = false;
    }

    public AnnotatedText Build() => new(_text.ToString(), [.. _spans]);
}
