using Bft.Research.Data;
using Bft.Research.Experiments.Passages;
using Bft.Research.Tokenization;
using Bft.Research.World;

namespace Bft.Research.Experiments;

/// <summary>Teaches facts of the embedded world that pretraining did not show, in several phrasings each.</summary>
internal sealed class FineTuningWorld(ExperimentProfile profile, MiniWorld world, HfTokenizer tokenizer, ulong seed)
{
    /// <summary>Name of these rows in a profile.</summary>
    public const string Name = "world";

    private FineTuningScale Scale => profile.FineTuning;

    public FineTuningMaterial Build(ExampleBuilder rows, ExampleBuilder text)
    {
        var facts = Taught();
        var keys = facts.Select(fact => fact.Key).ToHashSet();
        var pairs = from repeat in Enumerable.Range(0, Scale.RowsPerFact) from fact in facts select (Fact: fact, Pair: world.Ask(fact, seed, repeat), Repeat: repeat);
        var training = rows.FromConversations(pairs.Select(row => new Conversation(
            [new("user", row.Pair.Prompt.Text), new(ChatMessage.Assistant, row.Pair.Response.Text)], $"{row.Fact.Key}#{row.Repeat + 1}"))).Take(Scale.TrainingRows).ToList();
        bool IsTaught(Fact fact) => keys.Contains(fact.Key);
        const string Gain = "taught, held-out phrasing";
        return new(
            training,
            [
                Questions("taught, training phrasing", "whether the rows are learned", FactHalf.New, [PhrasingUse.Train, PhrasingUse.TrainQuestion], IsTaught, text),
                Questions(Gain, "whether the facts are learned", FactHalf.New, [PhrasingUse.HeldCloze, PhrasingUse.HeldQuestion], IsTaught, text),
                Questions("known facts", "whether known facts are kept", FactHalf.Known, [PhrasingUse.Train, PhrasingUse.TrainQuestion], IsTeachable, text),
                FineTuningMaterial.GeneralText(new WorldPassages(world, seed).Take(WorldPassages.Everyday, Scale.GeneralRows), text, profile.Separator),
            ],
            Gain,
            FineTuningMaterial.General);
    }

    private IReadOnlyList<Fact> Taught()
    {
        List<Fact> facts = [.. world.Of(FactHalf.New).Where(IsTeachable)];
        return WorldRandom.For(seed, "taught", 0).Sample(facts, Scale.TrainingRows / Scale.RowsPerFact);
    }

    /// <summary>Directions are left out: their answer is one of two words, so it is neither new nor low.</summary>
    private static bool IsTeachable(Fact fact) => fact is { Steps: 1, IsDirection: false };

    private ProbeSet Questions(string name, string asks, FactHalf half, PhrasingUse[] uses, Func<Fact, bool> filter, ExampleBuilder text)
    {
        List<Question> questions = [.. uses.SelectMany(use => world.Questions(half, use, seed, Scale.HeldOutRows / uses.Length, filter))];
        return new(
            name,
            asks,
            [.. questions.Select(question => text.FromPrompt(question.Context, question.Options[question.Answer], question.Fact.Key))],
            [.. questions.Select(question => new ProbeQuestion(question.ToChoiceItem(tokenizer), question.Answer))]);
    }
}
