namespace Bft.Research.Verification;

/// <summary>Something that was computed on a device and compared with what must come out.</summary>
/// <param name="Name">What was computed.</param>
/// <param name="Passed">Whether it agreed.</param>
/// <param name="Found">Deviation and what it may be, or the error.</param>
/// <param name="Seconds">Time it took.</param>
public sealed record DeviceProof(string Name, bool Passed, string Found, double Seconds);
