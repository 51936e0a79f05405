namespace Bft.Research.World;

/// <summary>Biomedical prose of one half of the facts: statements about an entity, causal chains over regulations, therapy and disease sentences with their reasons.</summary>
internal sealed class BiomedicalText
{
    private readonly Grammar _grammar;
    private readonly Phrasings _phrasings;
    private readonly IReadOnlyList<Fact> _facts;
    private readonly ILookup<string, Fact> _bySubject;
    private readonly IReadOnlyList<Fact> _chainStarts;
    private readonly IReadOnlyList<Fact> _directions;

    /// <param name="grammar">Connecting sentences.</param>
    /// <param name="phrasings">Ways to state a fact.</param>
    /// <param name="facts">Facts of one half, derived ones included; those that need inference are never stated.</param>
    public BiomedicalText(Grammar grammar, Phrasings phrasings, IEnumerable<Fact> facts)
    {
        _grammar = grammar;
        _phrasings = phrasings;
        var usable = facts.Where(f => f.Steps == 1).ToList();
        _facts = [.. usable.Where(f => !f.IsDirection)];
        _bySubject = _facts.ToLookup(f => f.Subject.Text);
        _chainStarts = [.. _facts.Where(f => f.Relation == Relation.Regulation && Onward([f]).Count > 0)];
        _directions = [.. usable.Where(f => f.IsDirection)];
    }

    /// <summary>One passage of about 50 to 110 words.</summary>
    public AnnotatedText Write(WorldRandom rng)
    {
        AnnotatedTextBuilder sink = new();
        var start = rng.Pick(_facts);
        if (start.Subject.Kind == SpanKind.Gene && rng.Chance(0.3))
            Connect(_grammar.Rule("opening"), new() { ["gene"] = start.Subject }, rng, sink);
        About(start, 2 + rng.Below(2), rng, sink);
        if (rng.Chance(0.6))
            Chain(rng, sink);
        if (rng.Chance(0.5))
            Reason(start, rng, sink);
        var next = rng.Pick(_facts);
        About(next, 1 + rng.Below(2), rng, sink);
        if (rng.Chance(0.6))
            State(rng.Pick(_directions), rng, sink);
        return sink.Build();
    }

    private void About(Fact fact, int count, WorldRandom rng, AnnotatedTextBuilder sink)
    {
        State(fact, rng, sink);
        var others = _bySubject[fact.Subject.Text].Where(f => f != fact).ToList();
        foreach (var other in rng.Sample(others, count - 1))
            State(other, rng, sink);
    }

    private void State(Fact fact, WorldRandom rng, AnnotatedTextBuilder sink) =>
        sink.Sentence(s => Phrasings.Write(rng.Pick(_phrasings.Of(fact.Relation, PhrasingUse.Train)), fact, rng, s));

    /// <summary>A path of two or three regulations, then what loss of its first gene does to the last.</summary>
    private void Chain(WorldRandom rng, AnnotatedTextBuilder sink)
    {
        List<Fact> path = [rng.Pick(_chainStarts)];
        while (path.Count < 3 && Onward(path) is { Count: > 0 } onward)
            path.Add(rng.Pick(onward));
        Dictionary<string, Mention> slots = new() { ["a"] = path[0].Subject, ["z"] = path[^1].Object };
        for (var i = 0; i < path.Count; i++)
        {
            slots["bcd"[i].ToString()] = path[i].Object;
            slots[$"v{i + 1}"] = new(rng.Pick(_grammar.Rule(path[i].Sign > 0 ? "activates" : "represses")).Source);
        }

        Connect(_grammar.Rule($"chain{path.Count}"), slots, rng, sink);
        var lossRaises = path.Aggregate(-1, (sign, f) => sign * f.Sign) > 0;
        Connect(_grammar.Rule(lossRaises ? "chain.end" : "chain.end.down"), slots, rng, sink);
    }

    /// <summary>Regulations that prolong a path to a gene that it has not met.</summary>
    private IReadOnlyList<Fact> Onward(IReadOnlyList<Fact> path)
    {
        var seen = path.Select(f => f.Subject.Text).Append(path[^1].Object.Text).ToHashSet();
        return [.. _bySubject[path[^1].Object.Text].Where(f => f.Relation == Relation.Regulation && !seen.Contains(f.Object.Text))];
    }

    /// <summary>A sentence that gives a reason, when this half holds what it needs.</summary>
    private void Reason(Fact about, WorldRandom rng, AnnotatedTextBuilder sink)
    {
        var own = _bySubject[about.Subject.Text];
        if (own.FirstOrDefault(f => f.Relation is Relation.DrugTarget or Relation.DiseaseGene or Relation.CellLineDriver) is not { } link)
            return;
        var processes = _bySubject[link.Object.Text].Where(f => f.Relation == Relation.GeneProcess).ToList();
        var action = own.FirstOrDefault(f => f.Relation == Relation.DrugAction);
        Dictionary<string, Mention> slots = new() { ["gene"] = link.Object, ["target"] = link.Object };
        slots["drug"] = slots["disease"] = slots["line"] = link.Subject;
        if (link.Relation == Relation.CellLineDriver)
        {
            Connect(_grammar.Rule("link.line"), slots, rng, sink);
            return;
        }

        if (processes.Count == 0 || (link.Relation == Relation.DrugTarget && action is null))
            return;
        slots["process"] = rng.Pick(processes).Object;
        if (action is not null)
            slots["action"] = new(Phrasings.Spell(action.Object.Text, "ao"));
        Connect(_grammar.Rule(link.Relation == Relation.DrugTarget ? "therapy" : "link.disease"), slots, rng, sink);
    }

    private void Connect(IReadOnlyList<Template> sentences, Dictionary<string, Mention> slots, WorldRandom rng, AnnotatedTextBuilder sink) =>
        sink.Sentence(s => rng.Pick(sentences).Expand(new(rng, _grammar, slots), s));
}
