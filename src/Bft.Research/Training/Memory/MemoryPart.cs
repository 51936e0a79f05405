namespace Bft.Research.Training;

/// <summary>One item of a <see cref="MemoryPlan"/>.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Bytes">How much.</param>
/// <param name="Reason">How it was counted, in words.</param>
public sealed record MemoryPart(string Name, long Bytes, string Reason);

/// <summary>A change of options that saves memory.</summary>
/// <param name="What">The options and their new values.</param>
/// <param name="Price">What it costs, in words.</param>
/// <param name="TotalBytes">Peak of the plan after this change and those before it.</param>
public sealed record MemoryChange(string What, string Price, long TotalBytes);
