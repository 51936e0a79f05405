namespace Bft.Research.Devices;

/// <summary>A GPU of this machine.</summary>
/// <param name="Ordinal">Number N of <c>cuda:N</c> in this process; null when CUDA does not show the card (<c>CUDA_VISIBLE_DEVICES</c>).</param>
/// <param name="Name">Name that the driver gives, for example <c>NVIDIA H100 80GB HBM3</c>.</param>
/// <param name="Uuid">The driver's identifier.</param>
/// <param name="ComputeCapability">Generation of its instructions, for example 9.0.</param>
/// <param name="Memory">Memory at the moment of asking; null when the driver does not say.</param>
public sealed record GpuCard(int? Ordinal, string Name, string Uuid, Version ComputeCapability, GpuMemory? Memory);

/// <summary>Memory of a card, in bytes, over all processes.</summary>
/// <param name="Total">All there is.</param>
/// <param name="Used">Held by any process or by the driver.</param>
/// <param name="Free">What a new allocation may take.</param>
public sealed record GpuMemory(long Total, long Used, long Free);
