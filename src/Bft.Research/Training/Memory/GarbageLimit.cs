namespace Bft.Research.Training;

/// <summary>Keeps small what handles of tensors leave to the collector of managed memory.</summary>
/// <remarks>
/// By itself the runtime waits until as much is left as the processor's last cache holds, on large processors hundreds of megabytes, which a run would carry along beside its
/// tensors. Collecting the youngest generation costs about a millisecond.
/// </remarks>
internal sealed class GarbageLimit
{
    /// <summary>Managed bytes that may be allocated between two collections.</summary>
    public const long Bytes = 16_000_000;

    private long _collectedAt = GC.GetTotalAllocatedBytes();

    /// <summary>Collects if enough was allocated; called between micro-batches.</summary>
    public void Keep()
    {
        if (GC.GetTotalAllocatedBytes() - _collectedAt < Bytes)
            return;
        GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        _collectedAt = GC.GetTotalAllocatedBytes();
    }
}
