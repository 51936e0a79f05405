namespace Bft.Research.World;

/// <summary>A human gene.</summary>
/// <param name="Symbol">HGNC symbol.</param>
/// <param name="Name">HGNC name.</param>
/// <param name="Band">Cytogenetic band, such as <c>7p11.2</c>.</param>
/// <param name="Family">Class of the product, such as <c>small GTPase</c>.</param>
/// <param name="Function">What the class does, a verb phrase in the third person.</param>
public sealed record Gene(string Symbol, string Name, string Band, string Family, string Function);

/// <summary>A process or pathway with some of its members.</summary>
/// <param name="Name">Our name.</param>
/// <param name="Source"><c>Reactome</c> or <c>Gene Ontology</c>.</param>
/// <param name="Identifier">Identifier in the source.</param>
/// <param name="Genes">Symbols of members; never the complete list.</param>
public sealed record BiologicalProcess(string Name, string Source, string Identifier, IReadOnlyList<string> Genes);

/// <summary>One gene product acts on another.</summary>
/// <param name="Regulator">Symbol of the acting gene.</param>
/// <param name="Sign">+1 raises amount or activity of the target, −1 lowers it.</param>
/// <param name="Target">Symbol of the gene acted on.</param>
/// <param name="Mechanism">How, such as <c>phosphorylation</c>.</param>
public sealed record Regulation(string Regulator, int Sign, string Target, string Mechanism);

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

/// <summary>A human cell line.</summary>
/// <param name="Name">Name as sold by repositories.</param>
/// <param name="Tissue">Tissue of origin.</param>
/// <param name="Disease">Disease of the donor.</param>
/// <param name="Gene">Symbol of an altered driver.</param>
/// <param name="Alteration">The alteration, such as <c>V600E</c>.</param>
public sealed record CellLine(string Name, string Tissue, string Disease, string Gene, string Alteration);

/// <summary>A disease with a genetic cause.</summary>
/// <param name="Name">Name.</param>
/// <param name="Genes">Symbols of causal genes; a selection.</param>
/// <param name="System">Affected system, such as <c>nervous</c>.</param>
/// <param name="Inheritance">Mode of inheritance, or <c>somatic</c>, or <c>complex</c>.</param>
public sealed record Disease(string Name, IReadOnlyList<string> Genes, string System, string Inheritance);
