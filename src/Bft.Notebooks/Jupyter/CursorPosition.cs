namespace Bft.Notebooks.Jupyter;

/// <summary>The protocol counts code points, .NET counts UTF-16 units.</summary>
internal static class CursorPosition
{
    /// <summary>Index in <paramref name="text"/> of the code point with this number; the ends of the text bound it.</summary>
    public static int ToIndex(string text, int codePoints)
    {
        var index = 0;
        for (; codePoints > 0 && index < text.Length; codePoints--)
            index += char.IsSurrogatePair(text, index) ? 2 : 1;
        return index;
    }

    /// <summary>Number of code points before an index.</summary>
    public static int FromIndex(string text, int index)
    {
        var (count, at) = (0, 0);
        for (; at < index; count++)
            at += char.IsSurrogatePair(text, at) ? 2 : 1;
        return count;
    }
}
