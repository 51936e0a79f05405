namespace Bft.Research.Models;

/// <summary>A merged model, read again, does not give what base and adapter give; its folder was not left.</summary>
public sealed class MergeDriftException : Exception
{
    internal MergeDriftException(string folder, torch.ScalarType dtype, LogitDrift drift, double bound)
        : base(FormattableString.Invariant(
            $"{folder}: merged: expected logits of base and adapter within {bound:g3} deviations, {bound / 10:g3} in the mean, when stored as {dtype}, actual {drift.Relative:g3} and {drift.RelativeMean:g3} (deviation {drift.Deviation:g3}); the folder was not kept.")) =>
        Drift = drift;

    /// <summary>The difference.</summary>
    public LogitDrift Drift { get; }
}
