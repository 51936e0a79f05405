namespace Bft.Research.World;

/// <summary>A human cell line.</summary>
/// <param name="Name">Name as sold by repositories.</param>
/// <param name="Tissue">Tissue of origin.</param>
/// <param name="Disease">Disease of the donor.</param>
/// <param name="Gene">Symbol of an altered driver.</param>
/// <param name="Alteration">The alteration, such as <c>V600E</c>.</param>
public sealed record CellLine(string Name, string Tissue, string Disease, string Gene, string Alteration);
