namespace Bft.Notebooks.Files;

/// <summary>A file is not a notebook this library can read; the message names the file and the place.</summary>
/// <param name="file">Path as the caller gave it.</param>
/// <param name="problem">Field, expected and actual.</param>
/// <param name="innerException">The reader's own error, if any.</param>
public sealed class NotebookFormatException(string file, string problem, Exception? innerException = null)
    : Exception($"{file}: {problem}", innerException);
