namespace Bft.Research.World;

/// <summary>A file of the embedded world says something it may not; the message names file, line and field.</summary>
/// <param name="file">Path of the file.</param>
/// <param name="line">Line number from 1; 0 when the file as a whole is meant.</param>
/// <param name="field">Column or rule.</param>
/// <param name="problem">What is wrong: expected and actual.</param>
public sealed class WorldDataException(string file, int line, string field, string problem)
    : Exception($"{file}, line {line}, {field}: {problem}");
