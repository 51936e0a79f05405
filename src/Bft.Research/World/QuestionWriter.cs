namespace Bft.Research.World;

/// <summary>Makes multiple-choice questions: the wrong options are answers of the same relation and the same half that are not true of the subject.</summary>
internal sealed class QuestionWriter
{
    private const int Wrong = 3;
    private readonly Phrasings _phrasings;
    private readonly Dictionary<(Relation, FactHalf), IReadOnlyList<string>> _answers;
    private readonly ILookup<(Relation, string), string> _true;

    public QuestionWriter(Phrasings phrasings, IReadOnlyList<Fact> facts)
    {
        _phrasings = phrasings;
        _answers = facts.GroupBy(f => (f.Relation, f.Half)).ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g.Select(f => f.Answer).Distinct()]);
        _true = facts.ToLookup(f => (f.Relation, f.Subject.Text), f => f.Answer);
    }

    /// <summary>A question about a fact in a random phrasing of the wanted use, or null when no phrasing of that use ends in the answer.</summary>
    public Question? Write(Fact fact, PhrasingUse use, WorldRandom rng)
    {
        var chat = use is PhrasingUse.TrainQuestion or PhrasingUse.HeldQuestion;
        IReadOnlyList<Template> usable = [.. _phrasings.Of(fact.Relation, use).Where(t => chat || Phrasings.AnswerAtEnd(t, fact) is not null)];
        if (usable.Count == 0)
            return null;
        var template = rng.Pick(usable);
        AnnotatedTextBuilder sink = new();
        sink.Sentence(s => Phrasings.Write(template, fact, rng, s));
        var text = sink.Build().Text;
        var slot = chat ? null : Phrasings.AnswerAtEnd(template, fact);
        string Spell(string answer) => slot is null ? $"{answer}." : $" {Phrasings.Spell(answer, slot)}.";

        var options = rng.Sample(Options(fact, rng), Wrong + 1);
        return new()
        {
            Fact = fact,
            Kind = chat ? QuestionKind.Chat : QuestionKind.Cloze,
            HeldOutPhrasing = use is PhrasingUse.HeldCloze or PhrasingUse.HeldQuestion,
            Prompt = chat ? text : text[..^Spell(fact.Answer).Length],
            Options = [.. options.Select(Spell)],
            Answer = options.ToList().IndexOf(fact.Answer),
        };
    }

    private IReadOnlyList<string> Options(Fact fact, WorldRandom rng)
    {
        if (fact.IsDirection)
            return ["up", "down"];
        var truths = _true[(fact.Relation, fact.Subject.Text)].ToHashSet();
        var wrong = rng.Sample([.. _answers[(fact.Relation, fact.Half)].Where(a => !truths.Contains(a) && a != fact.Subject.Text)], Wrong);
        return [fact.Answer, .. wrong];
    }
}
