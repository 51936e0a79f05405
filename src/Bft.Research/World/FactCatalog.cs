namespace Bft.Research.World;

/// <summary>Turns the tables into facts and splits them into two halves by a stable hash of relation and subject.</summary>
internal static class FactCatalog
{
    /// <summary>The facts that stand in the tables, in table order.</summary>
    public static IReadOnlyList<Fact> Stated(FactBase facts)
    {
        List<Fact> all = [];
        void Add(Relation relation, Mention subject, Mention value, int sign = 0, string? mechanism = null) => all.Add(new()
        {
            Relation = relation,
            Subject = subject,
            Object = value,
            Half = HalfOf(relation, subject.Text),
            Sign = sign,
            Mechanism = mechanism,
        });

        foreach (var gene in facts.Genes)
        {
            var subject = GeneMention(gene.Symbol);
            Add(Relation.GeneName, subject, new(gene.Name, SpanKind.Gene));
            Add(Relation.GeneBand, subject, new(gene.Band));
            Add(Relation.GeneFamily, subject, new(gene.Family));
            Add(Relation.GeneFunction, subject, new(gene.Function));
            foreach (var process in facts.Processes.Where(p => p.Genes.Contains(gene.Symbol)))
                Add(Relation.GeneProcess, subject, new(process.Name, SpanKind.Process));
        }

        foreach (var regulation in facts.Regulations)
            Add(Relation.Regulation, GeneMention(regulation.Regulator), GeneMention(regulation.Target), regulation.Sign, regulation.Mechanism);
        foreach (var drug in facts.Drugs)
        {
            foreach (var target in drug.Targets)
                Add(Relation.DrugTarget, new(drug.Name, SpanKind.Drug), GeneMention(target));
            Add(Relation.DrugAction, new(drug.Name, SpanKind.Drug), new(drug.Action));
        }

        foreach (var line in facts.CellLines)
        {
            Add(Relation.CellLineTissue, new(line.Name, SpanKind.CellLine), new(line.Tissue));
            Add(Relation.CellLineDriver, new(line.Name, SpanKind.CellLine), GeneMention(line.Gene));
        }

        foreach (var disease in facts.Diseases)
        {
            foreach (var gene in disease.Genes)
                Add(Relation.DiseaseGene, new(disease.Name, SpanKind.Disease), GeneMention(gene));
            Add(Relation.DiseaseSystem, new(disease.Name, SpanKind.Disease), new(disease.System));
        }

        return all;
    }

    /// <summary>The half of a fact: the top bit of the hash of relation and subject. What a gene product is and what it does share a half, since one gives away the other.</summary>
    public static FactHalf HalfOf(Relation relation, string subject)
    {
        var key = relation == Relation.GeneFunction ? Relation.GeneFamily : relation;
        return StableHash.Of($"{key}/{subject}") >> 63 == 0 ? FactHalf.Known : FactHalf.New;
    }

    private static Mention GeneMention(string symbol) => new(symbol, SpanKind.Gene);
}
