namespace Bft.Research.Checkpoints;

/// <summary>A checkpoint file is not what it has to be. The message names the file, the tensor or field, what was expected and what was found.</summary>
public sealed class CheckpointException : Exception
{
    /// <summary>Makes an exception whose message is <c>FILE: FIELD: expected EXPECTED, actual ACTUAL</c>.</summary>
    /// <param name="file">Path of the file or folder.</param>
    /// <param name="field">Tensor name, header field or configuration key.</param>
    /// <param name="expected">What would have been right.</param>
    /// <param name="actual">What is there.</param>
    /// <param name="inner">The error underneath, or null.</param>
    public CheckpointException(string file, string field, string expected, string actual, Exception? inner = null)
        : base($"{file}: {field}: expected {expected}, actual {actual}", inner)
    {
        File = file;
        Field = field;
        Expected = expected;
        Actual = actual;
    }

    /// <summary>Path of the file or folder.</summary>
    public string File { get; }

    /// <summary>Tensor name, header field or configuration key.</summary>
    public string Field { get; }

    /// <summary>What would have been right.</summary>
    public string Expected { get; }

    /// <summary>What is there.</summary>
    public string Actual { get; }
}
