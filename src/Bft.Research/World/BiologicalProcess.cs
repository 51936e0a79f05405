namespace Bft.Research.World;

/// <summary>A process or pathway with some of its members.</summary>
/// <param name="Name">Our name.</param>
/// <param name="Source"><c>Reactome</c> or <c>Gene Ontology</c>.</param>
/// <param name="Identifier">Identifier in the source.</param>
/// <param name="Genes">Symbols of members; never the complete list.</param>
public sealed record BiologicalProcess(string Name, string Source, string Identifier, IReadOnlyList<string> Genes);
