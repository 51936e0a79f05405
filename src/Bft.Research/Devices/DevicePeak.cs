namespace Bft.Research.Devices;

/// <summary>What a device can do at most in one precision.</summary>
/// <param name="FlopsPerSecond">Floating-point operations a second, dense; null when it is not known, and no utilisation can be given.</param>
/// <param name="Source">Where the number comes from (a data sheet with its date, or "measured" and how), or why there is none.</param>
public sealed record DevicePeak(double? FlopsPerSecond, string Source);
