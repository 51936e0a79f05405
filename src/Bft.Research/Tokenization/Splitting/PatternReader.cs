using System.Text.RegularExpressions;

namespace Bft.Research.Tokenization.Splitting;

/// <summary>Reads a pattern of a tokenizer file: <c>{"String": …}</c> or <c>{"Regex": …}</c>.</summary>
internal static class PatternReader
{
    public static Regex Read(TokenizerNode node)
    {
        if (node.OptionalText("String") is { } text)
            return SplitPatterns.Compile(Regex.Escape(text));
        try
        {
            return SplitPatterns.Compile(node.Text("Regex"));
        }
        catch (ArgumentException broken)
        {
            throw new TokenizerException(node.File, $"{node.Path}.Regex", "a pattern of the .NET dialect", $"{node.Text("Regex")} ({broken.Message})");
        }
    }
}
