namespace Bft.Research.Tokenization;

/// <summary>A chat template cannot be read or rendered. Carries the class of the error that Jinja raises, and the line of the template.</summary>
public sealed class TemplateException : Exception
{
    /// <summary>Class of what Jinja knows and this interpreter does not: refused, never guessed.</summary>
    public const string NotSupported = "NotSupported";

    internal TemplateException(string errorClass, string detail, int? line = null)
        : base(detail)
    {
        ErrorClass = errorClass;
        Detail = detail;
        Line = line;
    }

    /// <summary>
    /// Jinja or Python error class, for example <c>TemplateSyntaxError</c>, <c>UndefinedError</c>, <c>TypeError</c>; <see cref="NotSupported"/> for
    /// what is refused here.
    /// </summary>
    public string ErrorClass { get; }

    /// <summary>What happened, without class and line. For <c>TemplateError</c> it is the text that the template gave to raise_exception.</summary>
    public string Detail { get; }

    /// <summary>Line of the template, from 1; null when none is known.</summary>
    public int? Line { get; private set; }

    /// <summary>Folder that the template was loaded from; null for a template given as text.</summary>
    public string? Folder { get; private set; }

    /// <summary>Folder, class, line and what happened.</summary>
    public override string Message =>
        $"{(Folder is null ? "" : $"{Folder}: chat template: ")}{ErrorClass}: {(Line is null ? "" : $"line {Line}: ")}{Detail}";

    internal static TemplateException Syntax(string detail, int line) => new("TemplateSyntaxError", detail, line);

    internal static TemplateException Type(string detail) => new("TypeError", detail);

    internal static TemplateException Value(string detail) => new("ValueError", detail);

    internal static TemplateException Argument(string detail) => new("FilterArgumentError", detail);

    internal static TemplateException Refused(string what) => new(NotSupported, $"{what} is not supported");

    /// <summary>Notes where the template comes from.</summary>
    internal void In(string folder) => Folder = folder;

    /// <summary>Notes the line, unless one is known already.</summary>
    internal void At(int line) => Line ??= line;
}
