namespace Bft.Notebooks.Tests.Running;

/// <summary>Recognised by its name alone; no package is referenced.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
{
    public Type FormatterSourceType => formatterSourceType;

    public string[]? PreferredMimeTypes { get; set; }
}

/// <summary>A figure as a library without notebook packages would write it.</summary>
[TypeFormatterSource(
    typeof(SampleFigureFormatters),
    PreferredMimeTypes = ["application/vnd.plotly.v1+json", "image/svg+xml", "image/png", "text/html", "text/plain"])]
public sealed class SampleFigure(string data)
{
    public string Json => "{\"data\": " + data + ", \"layout\": {}}";
}

internal sealed class SampleFigureFormatters
{
    public IEnumerable<object> CreateTypeFormatters() =>
    [
        new Form("application/vnd.plotly.v1+json", figure => figure.Json),
        new Form("image/svg+xml", _ => "<svg>\n</svg>"),
        new Form("image/png", _ => "AAAA"),
        new Form("text/html", _ => "<svg></svg>"),
        new Form("text/plain", _ => "Figure"),
    ];

    private sealed class Form(string mimeType, Func<SampleFigure, string> write)
    {
        public string MimeType => mimeType;

        public bool Format(object instance, TextWriter writer)
        {
            writer.Write(write((SampleFigure)instance));
            return true;
        }
    }
}
