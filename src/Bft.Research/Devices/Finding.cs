namespace Bft.Research.Devices;

/// <summary>How something that was looked at stands.</summary>
public enum FindingState
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Usable, with something to know.</summary>
    Note,

    /// <summary>Not there, or not usable.</summary>
    Missing,
}

/// <summary>What the doctor found out about one thing.</summary>
/// <param name="Item">The thing.</param>
/// <param name="State">How it stands.</param>
/// <param name="Found">What was found, or what was looked for and not found.</param>
/// <param name="Fix">What to do about it; null when there is nothing to do, or when it only follows from something else.</param>
public sealed record Finding(string Item, FindingState State, string Found, string? Fix = null);
