using Bft.Notebooks.Cells;
using Microsoft.DotNet.Interactive.Formatting;

namespace Bft.Notebooks.Engine;

/// <summary>How <see cref="MathString"/> is shown.</summary>
internal sealed class MathStringFormatters : ITypeFormatterSource
{
    private const string MimeType = "text/latex";

    public IEnumerable<ITypeFormatter> CreateTypeFormatters()
    {
        Formatter.SetPreferredMimeTypesFor(typeof(MathString), MimeType);
        return [new LatexFormatter()];
    }

    private sealed class LatexFormatter : TypeFormatter<MathString>
    {
        public override string MimeType => MathStringFormatters.MimeType;

        public override bool Format(MathString value, FormatContext context)
        {
            context.Writer.Write(value);
            return true;
        }
    }
}
