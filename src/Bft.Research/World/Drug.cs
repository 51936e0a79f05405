namespace Bft.Research.World;

/// <summary>A drug.</summary>
/// <param name="Name">International nonproprietary name.</param>
/// <param name="Targets">Symbols of target genes.</param>
/// <param name="Action">What it does to the targets, such as <c>inhibitor</c>.</param>
/// <param name="Class">Drug class.</param>
public sealed record Drug(string Name, IReadOnlyList<string> Targets, string Action, string Class)
{
    /// <summary>−1 when the drug lowers the activity of its targets, +1 when it raises it, 0 when the action has no direction (modulator, stabilizer, binder).</summary>
    public int Sign => Action switch
    {
        "inhibitor" or "antagonist" or "blocker" or "degrader" => -1,
        "agonist" or "activator" or "potentiator" => 1,
        _ => 0,
    };
}
