namespace Bft.Research.World;

/// <summary>Directions of change that follow from the tables by one rule of signs.</summary>
/// <remarks>
/// Knock-down of a gene −1, overexpression +1; a drug has the sign of its action on each target (<see cref="Drug.Sign"/>). Along a path the sign is multiplied by the sign of each regulation.
/// Paths have at most two regulations after a gene and at most one after a drug's target. A pair whose paths disagree has no direction and is left out, and so is a gene that acts on itself.
/// </remarks>
internal static class PerturbationRule
{
    /// <summary>Derived facts: knock-down and overexpression for each pair of genes, treatment for each drug and gene.</summary>
    /// <param name="facts">The tables.</param>
    /// <param name="stated">Facts of <see cref="FactCatalog"/>, for the halves of the premises.</param>
    public static IReadOnlyList<Fact> Derive(FactBase facts, IReadOnlyList<Fact> stated)
    {
        var edges = stated.Where(f => f.Relation == Relation.Regulation).ToLookup(f => f.Subject.Text);
        List<Fact> derived = [];
        foreach (var gene in facts.Genes)
        {
            var starts = edges[gene.Symbol].Select(e => new Walk(e.Object, e.Sign, 1, e.Half));
            foreach (var end in Agreed(starts, edges).Where(w => w.End.Text != gene.Symbol))
            {
                derived.Add(From(Relation.KnockDown, new(gene.Symbol, SpanKind.Gene), end, -1));
                derived.Add(From(Relation.OverExpression, new(gene.Symbol, SpanKind.Gene), end, 1));
            }
        }

        foreach (var drug in facts.Drugs.Where(d => d.Sign != 0))
        {
            var half = Both(FactCatalog.HalfOf(Relation.DrugTarget, drug.Name), FactCatalog.HalfOf(Relation.DrugAction, drug.Name));
            var starts = drug.Targets.Select(t => new Walk(new(t, SpanKind.Gene), 1, 1, half));
            foreach (var end in Agreed(starts, edges))
                derived.Add(From(Relation.Treatment, new(drug.Name, SpanKind.Drug), end, drug.Sign));
        }

        return derived;
    }

    /// <summary>The starts and what lies one regulation behind them, one walk per end, the shortest; ends with walks of both signs are left out.</summary>
    private static IEnumerable<Walk> Agreed(IEnumerable<Walk> starts, ILookup<string, Fact> edges)
    {
        var first = starts.ToList();
        var second = first.SelectMany(w => edges[w.End.Text].Select(e => new Walk(e.Object, w.Sign * e.Sign, w.Steps + 1, Both(w.Half, e.Half))));
        return first.Concat(second).GroupBy(w => w.End.Text)
            .Where(g => g.All(w => w.Sign == g.First().Sign))
            .Select(g => g.MinBy(w => w.Steps)!);
    }

    private static FactHalf Both(FactHalf a, FactHalf b) => a == FactHalf.Known && b == FactHalf.Known ? FactHalf.Known : FactHalf.New;

    private static Fact From(Relation relation, Mention subject, Walk walk, int perturbation) => new()
    {
        Relation = relation,
        Subject = subject,
        Object = walk.End,
        Half = walk.Half,
        Sign = perturbation * walk.Sign,
        Steps = walk.Steps,
    };

    private sealed record Walk(Mention End, int Sign, int Steps, FactHalf Half);
}
