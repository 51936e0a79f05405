using System.Text;

namespace Bft.Research.Tokenization;

/// <summary>Text that a template writes, and its length in code points.</summary>
internal sealed class JinjaOutput
{
    private readonly StringBuilder _text = new();

    public int CodePoints { get; private set; }

    public void Write(string text)
    {
        _text.Append(text);
        CodePoints += PyText.Length(text);
    }

    public override string ToString() => _text.ToString();
}
