namespace Bft.Research.World;

/// <summary>Everyday prose: one topic a passage, with many interchangeable words, so that what a reader cannot foresee is style, not knowledge.</summary>
internal sealed class GeneralText
{
    private readonly Grammar _grammar;
    private readonly IReadOnlyList<string> _topics;

    public GeneralText(Grammar grammar)
    {
        _grammar = grammar;
        _topics = [.. grammar.Names.Where(n => n.EndsWith(".open", StringComparison.Ordinal)).Select(n => n[..^".open".Length])];
    }

    /// <summary>An opening, three to six middle sentences without repetition, a close.</summary>
    public AnnotatedText Write(WorldRandom rng) => Write(rng, rng.Pick(_topics), 3 + rng.Below(4));

    /// <summary>A passage about a given topic.</summary>
    public AnnotatedText Write(WorldRandom rng, string topic, int middles)
    {
        AnnotatedTextBuilder sink = new();
        Expansion expansion = new(rng, _grammar);
        var open = rng.Pick(_grammar.Rule(topic + ".open"));
        foreach (var sentence in rng.Sample(_grammar.Rule(topic + ".middle"), middles).Prepend(open).Append(rng.Pick(_grammar.Rule(topic + ".close"))))
            sink.Sentence(s => sentence.Expand(expansion, s));
        return sink.Build();
    }

    /// <summary>Names of the topics.</summary>
    public IReadOnlyList<string> Topics => _topics;
}
