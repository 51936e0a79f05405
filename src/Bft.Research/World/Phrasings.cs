namespace Bft.Research.World;

/// <summary>What a phrasing is for. The names of <c>phrasings.tsv</c> are <c>train</c>, <c>train-question</c>, <c>held-cloze</c>, <c>held-question</c>.</summary>
public enum PhrasingUse
{
    /// <summary>A statement for training text; it also gives training-phrasing cloze questions when it ends in the answer.</summary>
    Train,

    /// <summary>A question for training pairs.</summary>
    TrainQuestion,

    /// <summary>A statement that ends in the answer, for tests only.</summary>
    HeldCloze,

    /// <summary>A question for tests only.</summary>
    HeldQuestion,
}

/// <summary>The ways to say and to ask each relation. Held-out ones are for tests and never occur in training text.</summary>
internal sealed class Phrasings
{
    private static readonly string[] AnswerSlots = ["o", "ao", "d"];
    private static readonly string[] SoundsLikeVowel = ["AGC", "E2F", "E3", "ER ", "ETS", "HMG", "IkB", "MRN", "RNA"];
    private readonly Dictionary<(Relation, PhrasingUse), IReadOnlyList<Template>> _templates;

    private Phrasings(Dictionary<(Relation, PhrasingUse), IReadOnlyList<Template>> templates) => _templates = templates;

    /// <summary>Phrasings of a relation; empty when there are none.</summary>
    public IReadOnlyList<Template> Of(Relation relation, PhrasingUse use) => _templates.GetValueOrDefault((relation, use), []);

    /// <summary>Plain pieces, at least 12 characters long, of all held-out phrasings: none may occur in training text.</summary>
    public IReadOnlyList<string> HeldOutTraces =>
        [.. _templates.Where(t => t.Key.Item2 is PhrasingUse.HeldCloze or PhrasingUse.HeldQuestion).SelectMany(t => t.Value)
            .Select(t => t.LongestLiteral).Where(t => t.Length >= 12).Distinct()];

    /// <summary>Reads <c>phrasings.tsv</c>.</summary>
    /// <exception cref="WorldDataException">A relation or use is unknown, a slot does not exist, or a relation lacks one of the four uses.</exception>
    public static Phrasings Read(string path)
    {
        var rows = TsvTable.Read(path, "relation", "use", "text");
        List<(Relation Relation, PhrasingUse Use, Template Template)> all = [];
        foreach (var row in rows)
        {
            var template = Grammar.Parse(row.File, row.Line, "text", row["text"]);
            foreach (var slot in template.Slots.Where(s => s is not ("s" or "v" or "m") && !AnswerSlots.Contains(s)))
                throw row.Error("text", $"expected slots s, o, ao, v, m, d, actual \"{slot}\".");
            all.Add((Parse<Relation>(row, "relation"), Parse<PhrasingUse>(row, "use"), template));
        }

        foreach (var relation in Enum.GetValues<Relation>())
        {
            foreach (var use in Enum.GetValues<PhrasingUse>().Where(use => !all.Any(a => a.Relation == relation && a.Use == use)))
                throw new WorldDataException(path, 0, "use", $"expected every use for {relation}, {use} is missing.");
        }

        return new(all.GroupBy(a => (a.Relation, a.Use)).ToDictionary(g => g.Key, g => (IReadOnlyList<Template>)[.. g.Select(a => a.Template)]));
    }

    /// <summary>Writes one phrasing of a fact.</summary>
    public static void Write(Template template, Fact fact, WorldRandom rng, AnnotatedTextBuilder sink) =>
        template.Expand(new(rng, null, Slots(fact, rng)), sink);

    /// <summary>The slot that holds the answer and ends the template but for one mark, or null when the template does not end in the answer.</summary>
    public static string? AnswerAtEnd(Template template, Fact fact)
    {
        string[] slots = fact.IsDirection ? ["d"] : ["o", "ao"];
        return slots.FirstOrDefault(s => template.Source.EndsWith($"{{{s}}}.", StringComparison.Ordinal));
    }

    /// <summary>The answer as the slot writes it: with its article for <c>ao</c>.</summary>
    public static string Spell(string answer, string slot) => slot == "ao" ? WithArticle(answer) : answer;

    private static Dictionary<string, Mention> Slots(Fact fact, WorldRandom rng)
    {
        Dictionary<string, Mention> slots = new()
        {
            ["s"] = fact.Subject,
            ["o"] = fact.Object,
            ["ao"] = new(WithArticle(fact.Object.Text)),
        };
        if (fact.IsDirection)
            slots["d"] = new(fact.Answer);
        if (fact.Relation == Relation.Regulation)
        {
            string[] verbs = fact.Sign > 0 ? ["activates", "stimulates", "switches on"] : ["inhibits", "restrains", "suppresses"];
            slots["v"] = new(rng.Pick(verbs));
            slots["m"] = new(fact.Mechanism!);
        }

        return slots;
    }

    private static string WithArticle(string noun)
    {
        var vowel = "aeio".Contains(noun[0]) || SoundsLikeVowel.Any(s => noun.StartsWith(s, StringComparison.Ordinal));
        return (vowel ? "an " : "a ") + noun;
    }

    private static T Parse<T>(TsvRow row, string column)
        where T : struct, Enum =>
        Enum.TryParse<T>(row[column].Replace("-", ""), ignoreCase: true, out var value)
            ? value
            : throw row.Error(column, $"expected one of {string.Join(", ", Enum.GetNames<T>())}, actual \"{row[column]}\".");
}
