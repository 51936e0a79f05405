namespace Bft.Research.World;

/// <summary>Texts for training or texts that training never sees.</summary>
public enum TextSplit
{
    /// <summary>For training.</summary>
    Train,

    /// <summary>For tests: other random numbers of the same grammar.</summary>
    HeldOut,
}

/// <summary>The embedded world: true facts, and text, instructions and questions made from them. Everything is a function of seed, stream and index.</summary>
public sealed class MiniWorld
{
    private static readonly string[] BiomedicalSlots =
        ["a", "b", "c", "d", "z", "v1", "v2", "v3", "gene", "drug", "action", "target", "process", "disease", "line"];

    private readonly Grammar _generalGrammar;
    private readonly Grammar _biomedicalGrammar;
    private readonly Phrasings _phrasings;
    private readonly GeneralText _general;
    private readonly QuestionWriter _questions;
    private readonly Dictionary<FactHalf, IReadOnlyList<Fact>> _halves;
    private readonly Dictionary<FactHalf, BiomedicalText> _biomedical;

    private MiniWorld(string folder)
    {
        var grammar = Path.Combine(folder, "grammar");
        Tables = FactBase.Read(Path.Combine(folder, "facts"));
        _generalGrammar = Grammar.Read(Path.Combine(grammar, "general.txt"), "topic");
        _biomedicalGrammar = Grammar.Read(Path.Combine(grammar, "biomedical.txt"), BiomedicalSlots);
        _phrasings = Phrasings.Read(Path.Combine(grammar, "phrasings.tsv"));
        var stated = FactCatalog.Stated(Tables);
        Facts = [.. stated, .. PerturbationRule.Derive(Tables, stated)];
        _general = new(_generalGrammar);
        _questions = new(_phrasings, Facts);
        _halves = Enum.GetValues<FactHalf>().ToDictionary(h => h, h => (IReadOnlyList<Fact>)[.. Facts.Where(f => f.Half == h)]);
        _biomedical = _halves.ToDictionary(h => h.Key, h => new BiomedicalText(_biomedicalGrammar, _phrasings, h.Value));
    }

    /// <summary>The tables.</summary>
    public FactBase Tables { get; }

    /// <summary>All facts: those of the tables, then the derived directions.</summary>
    public IReadOnlyList<Fact> Facts { get; }

    /// <summary>Plain pieces of the held-out phrasings; training text contains none of them.</summary>
    public IReadOnlyList<string> HeldOutTraces => _phrasings.HeldOutTraces;

    /// <summary>Reads the world.</summary>
    /// <param name="folder">Folder with <c>facts/</c> and <c>grammar/</c>: <c>notebooks/mini</c> of a checkout.</param>
    /// <exception cref="WorldDataException">A file is missing or malformed.</exception>
    public static MiniWorld Load(string folder) => new(folder);

    /// <summary>The facts of one half.</summary>
    /// <param name="half">Known from pretraining, or new.</param>
    public IReadOnlyList<Fact> Of(FactHalf half) => _halves[half];

    /// <summary>A passage of everyday prose, without entities.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="split">Training text or hold-out.</param>
    /// <param name="index">Number of the passage.</param>
    public AnnotatedText General(ulong seed, TextSplit split, long index) => _general.Write(WorldRandom.For(seed, $"general/{split}", index));

    /// <summary>A passage of biomedical prose with spans, from facts of one half only.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="half">Which facts.</param>
    /// <param name="split">Training text or hold-out.</param>
    /// <param name="index">Number of the passage.</param>
    public AnnotatedText Biomedical(ulong seed, FactHalf half, TextSplit split, long index) =>
        _biomedical[half].Write(WorldRandom.For(seed, $"biomedical/{half}/{split}", index));

    /// <summary>A question and answer about one fact in training phrasings: half of the answers are bare, half are sentences.</summary>
    /// <param name="fact">A fact that needs no inference.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="index">Number of the pair among those about this fact.</param>
    /// <exception cref="ArgumentException">The fact must be inferred, so no training text may state it.</exception>
    public InstructionPair Ask(Fact fact, ulong seed, long index)
    {
        if (fact.Steps != 1)
            throw new ArgumentException($"fact: expected one that needs no inference, actual {fact.Key} with {fact.Steps} steps.", nameof(fact));
        var rng = WorldRandom.For(seed, $"ask/{fact.Key}", index);
        AnnotatedTextBuilder prompt = new(), response = new();
        prompt.Sentence(s => Phrasings.Write(rng.Pick(_phrasings.Of(fact.Relation, PhrasingUse.TrainQuestion)), fact, rng, s));
        if (rng.Chance(0.5))
        {
            response.Append(fact.Answer, fact.IsDirection ? null : fact.Object.Kind);
            response.Append(".");
        }
        else
        {
            response.Sentence(s => Phrasings.Write(rng.Pick(_phrasings.Of(fact.Relation, PhrasingUse.Train)), fact, rng, s));
        }

        return new() { Prompt = prompt.Build(), Response = response.Build(), Fact = fact };
    }

    /// <summary>An instruction to write about a topic, with a general passage as response.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="split">Training text or hold-out.</param>
    /// <param name="index">Number of the pair.</param>
    public InstructionPair GeneralInstruction(ulong seed, TextSplit split, long index)
    {
        var rng = WorldRandom.For(seed, $"general-instruction/{split}", index);
        var topic = rng.Pick(_general.Topics);
        AnnotatedTextBuilder prompt = new();
        rng.Pick(_generalGrammar.Rule("ask")).Expand(new(rng, _generalGrammar, new Dictionary<string, Mention> { ["topic"] = new(topic) }), prompt);
        return new() { Prompt = prompt.Build(), Response = _general.Write(rng, topic, 2) };
    }

    /// <summary>Fine-tuning pairs that teach one half, every stated fact <paramref name="repeats"/> times in different training phrasings, in random order.</summary>
    /// <param name="half">The half to teach; <see cref="FactHalf.New"/> injects what pretraining did not show.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="repeats">Pairs per fact.</param>
    /// <param name="relations">Which relations, or null for all.</param>
    public IReadOnlyList<InstructionPair> FineTuning(FactHalf half, ulong seed, int repeats, IReadOnlySet<Relation>? relations = null)
    {
        List<InstructionPair> pairs = [];
        foreach (var fact in Of(half).Where(f => f.Steps == 1 && (relations is null || relations.Contains(f.Relation))))
        {
            for (var i = 0; i < repeats; i++)
                pairs.Add(Ask(fact, seed, i));
        }

        return WorldRandom.For(seed, $"order/{half}", repeats).Sample(pairs, pairs.Count);
    }

    /// <summary>Questions about up to <paramref name="count"/> facts of one half in random order.</summary>
    /// <param name="half">Which facts.</param>
    /// <param name="use">Which phrasings; the held-out ones never occur in training text.</param>
    /// <param name="seed">Seed of the draw.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="filter">Which facts, or null for all that need no inference. Facts with two steps ask for reasoning.</param>
    public IReadOnlyList<Question> Questions(FactHalf half, PhrasingUse use, ulong seed, int count, Func<Fact, bool>? filter = null)
    {
        var facts = Of(half).Where(filter ?? (f => f.Steps == 1)).ToList();
        var order = WorldRandom.For(seed, $"questions/{half}/{use}", 0).Sample(facts, facts.Count);
        return [.. order.Select((fact, i) => _questions.Write(fact, use, WorldRandom.For(seed, $"question/{use}/{fact.Key}", i))).OfType<Question>().Take(count)];
    }
}
