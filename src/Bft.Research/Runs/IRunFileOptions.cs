namespace Bft.Research.Runs;

/// <summary>A record of options that <see cref="RunFile.Read{T}"/> makes.</summary>
public interface IRunFileOptions
{
    /// <summary>All problems, each beginning with the path of the option as in <c>Compute.Threads: </c>; empty when there are none.</summary>
    IReadOnlyList<string> Validate();
}
