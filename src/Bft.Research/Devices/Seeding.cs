namespace Bft.Research.Devices;

/// <summary>Seeds of libtorch's own generators. Everything in this library that draws (fresh weights, dropout, row order, sampling) has a seed of its own and does not use them.</summary>
public static class Seeding
{
    /// <summary>Sets the generators of the CPU and of all cards, for operations that are given none, such as <c>torch.rand</c> in a notebook.</summary>
    /// <param name="seed">The seed; not negative.</param>
    public static void Set(long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seed);
        NativeLibraries.EnsureLoaded();
        torch.manual_seed(seed); // sets the generators of all devices
    }
}
