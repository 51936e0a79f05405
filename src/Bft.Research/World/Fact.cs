namespace Bft.Research.World;

/// <summary>What a fact says of its subject. The names of <c>phrasings.tsv</c> are the same words in kebab case.</summary>
public enum Relation
{
    /// <summary>Gene → full name.</summary>
    GeneName,

    /// <summary>Gene → cytogenetic band.</summary>
    GeneBand,

    /// <summary>Gene → class of its product.</summary>
    GeneFamily,

    /// <summary>Gene → what its product does.</summary>
    GeneFunction,

    /// <summary>Gene → a process it takes part in.</summary>
    GeneProcess,

    /// <summary>Drug → target gene.</summary>
    DrugTarget,

    /// <summary>Drug → action on its targets.</summary>
    DrugAction,

    /// <summary>Cell line → tissue of origin.</summary>
    CellLineTissue,

    /// <summary>Cell line → altered driver gene.</summary>
    CellLineDriver,

    /// <summary>Disease → causal gene.</summary>
    DiseaseGene,

    /// <summary>Disease → affected system.</summary>
    DiseaseSystem,

    /// <summary>Gene → gene it acts on, with sign and mechanism.</summary>
    Regulation,

    /// <summary>Derived: knock-down of a gene → direction of another.</summary>
    KnockDown,

    /// <summary>Derived: overexpression of a gene → direction of another.</summary>
    OverExpression,

    /// <summary>Derived: treatment with a drug → direction of a gene.</summary>
    Treatment,
}

/// <summary>Which half of the facts: shown in pretraining, or only in fine-tuning.</summary>
public enum FactHalf
{
    /// <summary>In the pretraining text.</summary>
    Known,

    /// <summary>Never in the pretraining text; taught by fine-tuning only.</summary>
    New,
}

/// <summary>One thing that can be stated, asked and tested.</summary>
public sealed record Fact
{
    /// <summary>What is said.</summary>
    public required Relation Relation { get; init; }

    /// <summary>Of whom.</summary>
    public required Mention Subject { get; init; }

    /// <summary>The other party; for derived relations the gene whose direction is asked.</summary>
    public required Mention Object { get; init; }

    /// <summary>The half. A derived fact is known only when all its premises are.</summary>
    public required FactHalf Half { get; init; }

    /// <summary>+1 or −1 for regulations and derived relations (up, down), 0 otherwise.</summary>
    public int Sign { get; init; }

    /// <summary>Mechanism of a regulation; null otherwise.</summary>
    public string? Mechanism { get; init; }

    /// <summary>How many table rows the fact rests on: 1, or 2 for a derived fact that must be inferred. Only facts with 1 step are ever stated in training text.</summary>
    public int Steps { get; init; } = 1;

    /// <summary>Whether <see cref="Answer"/> is a direction.</summary>
    public bool IsDirection => Relation is Relation.KnockDown or Relation.OverExpression or Relation.Treatment;

    /// <summary>What a question asks for: <c>up</c> or <c>down</c> for derived relations, else the object.</summary>
    public string Answer => IsDirection ? (Sign > 0 ? "up" : "down") : Object.Text;

    /// <summary>Stable name: relation, subject and object.</summary>
    public string Key => $"{Relation}/{Subject.Text}/{Object.Text}";
}
