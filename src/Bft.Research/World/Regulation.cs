namespace Bft.Research.World;

/// <summary>One gene product acts on another.</summary>
/// <param name="Regulator">Symbol of the acting gene.</param>
/// <param name="Sign">+1 raises amount or activity of the target, −1 lowers it.</param>
/// <param name="Target">Symbol of the gene acted on.</param>
/// <param name="Mechanism">How, such as <c>phosphorylation</c>.</param>
public sealed record Regulation(string Regulator, int Sign, string Target, string Mechanism);
