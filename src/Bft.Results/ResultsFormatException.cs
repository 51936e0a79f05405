namespace Bft.Results;

/// <summary>A results file does not fit its schema.</summary>
/// <param name="file">File or notebook cell.</param>
/// <param name="field">JSON path of the field, for example <c>$.metrics[3].value</c>.</param>
/// <param name="problem">What was expected and what was found.</param>
/// <param name="inner">Cause, or null.</param>
public sealed class ResultsFormatException(string file, string @field, string problem, Exception? inner = null)
    : Exception($"{file}: {@field}: {problem}", inner)
{
    /// <summary>File or notebook cell.</summary>
    public string File => file;

    /// <summary>JSON path of the field.</summary>
    public string Field => @field;
}
