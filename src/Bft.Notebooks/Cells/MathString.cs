using Bft.Notebooks.Engine;
using Microsoft.DotNet.Interactive.Formatting;

namespace Bft.Notebooks.Cells;

/// <summary>A formula in LaTeX, shown as one: <c>(MathString)@"\frac{1}{2}"</c> in C#, <c>MathString @"\frac{1}{2}"</c> in F#. As in .NET Interactive.</summary>
[TypeFormatterSource(typeof(MathStringFormatters))]
public sealed class MathString
{
    private const string Mark = "$$";
    private readonly string _source;

    /// <param name="source">LaTeX of a formula, with or without <c>$$</c> around it.</param>
    public MathString(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _source = (source.StartsWith(Mark, StringComparison.Ordinal) ? "" : Mark) + source + (source.EndsWith(Mark, StringComparison.Ordinal) ? "" : Mark);
    }

    /// <summary>The formula of a text.</summary>
    public static implicit operator MathString(string source) => new(source);

    /// <summary>The source between <c>$$</c>.</summary>
    public override string ToString() => _source;
}
