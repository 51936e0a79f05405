namespace Bft.Research.Tokenization;

/// <summary>A tokenizer file that is broken, or that asks for a part this library does not support.</summary>
/// <param name="file">Path of the file.</param>
/// <param name="field">Dotted path of the field, for example <c>model.type</c>.</param>
/// <param name="expected">What is supported or required there.</param>
/// <param name="actual">What the file says.</param>
public sealed class TokenizerException(string file, string field, string expected, string actual)
    : Exception($"{file}: {field}: expected {expected}, actual {actual}.")
{
    /// <summary>Path of the file.</summary>
    public string File { get; } = file;

    /// <summary>Dotted path of the field.</summary>
    public string Field { get; } = field;

    /// <summary>What is supported or required there.</summary>
    public string Expected { get; } = expected;

    /// <summary>What the file says.</summary>
    public string Actual { get; } = actual;
}
