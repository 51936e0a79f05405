namespace Bft.Research.World;

/// <summary>A human gene.</summary>
/// <param name="Symbol">HGNC symbol.</param>
/// <param name="Name">HGNC name.</param>
/// <param name="Band">Cytogenetic band, such as <c>7p11.2</c>.</param>
/// <param name="Family">Class of the product, such as <c>small GTPase</c>.</param>
/// <param name="Function">What the class does, a verb phrase in the third person.</param>
public sealed record Gene(string Symbol, string Name, string Band, string Family, string Function);
