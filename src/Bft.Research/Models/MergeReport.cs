namespace Bft.Research.Models;

/// <summary>What a merge did.</summary>
/// <param name="Dtype">Stored dtype.</param>
/// <param name="Updated">Matrices with a low-rank update.</param>
/// <param name="Replaced">Matrices that were replaced whole.</param>
/// <param name="Untied">Whether the head got a table of its own because head or embedding changed alone.</param>
/// <param name="Files">Weight files.</param>
/// <param name="Bytes">Their bytes together.</param>
/// <param name="Drift">The folder that was written, read again, against base and adapter.</param>
/// <param name="Bound">What <see cref="LogitDrift.Within"/> was asked with.</param>
/// <param name="Remarks">What was odd about base or adapter but not wrong.</param>
public sealed record MergeReport(
    torch.ScalarType Dtype,
    int Updated,
    int Replaced,
    bool Untied,
    IReadOnlyList<string> Files,
    long Bytes,
    LogitDrift Drift,
    double Bound,
    IReadOnlyList<string> Remarks);
