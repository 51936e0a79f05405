namespace Bft.Results.Display;

/// <summary>Tells notebook hosts which class formats a type. Hosts built on .NET Interactive find it by the attribute's name, so no package is needed.</summary>
/// <param name="formatterSourceType">Class with a parameterless constructor and a method <c>CreateTypeFormatters</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
{
    /// <summary>The class that makes the formatters.</summary>
    public Type FormatterSourceType => formatterSourceType;

    /// <summary>MIME types that a host puts into an output, in this order.</summary>
    public string[]? PreferredMimeTypes { get; set; }
}
