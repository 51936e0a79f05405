namespace Bft.Research.World;

/// <summary>The stream of documents that the mini model is pretrained on: general prose, biomedical prose and chats of the known half of the facts.</summary>
/// <param name="world">The world.</param>
/// <param name="seed">Seed of the run.</param>
public sealed class PretrainingCorpus(MiniWorld world, ulong seed)
{
    /// <summary>Share of general passages.</summary>
    public const double GeneralShare = 0.25;

    /// <summary>Share of biomedical passages; the rest are chats.</summary>
    public const double BiomedicalShare = 0.55;

    private readonly IReadOnlyList<Fact> _known = [.. world.Of(FactHalf.Known).Where(f => f.Steps == 1)];

    /// <summary>One document; chats are in ChatML. The same index always gives the same text.</summary>
    /// <param name="index">Number of the document.</param>
    public string Document(long index)
    {
        var rng = WorldRandom.For(seed, "pretraining", index);
        var kind = rng.NextDouble();
        if (kind < GeneralShare)
            return world.General(seed, TextSplit.Train, index).Text;
        if (kind < GeneralShare + BiomedicalShare)
            return world.Biomedical(seed, FactHalf.Known, TextSplit.Train, index).Text;
        var pairs = rng.Chance(0.2)
            ? [world.GeneralInstruction(seed, TextSplit.Train, index)]
            : rng.Sample(_known, 3).Select((fact, i) => world.Ask(fact, seed, index + i));
        return string.Concat(pairs.Select(p => p.ToChatMl()));
    }

    /// <summary>Rows of equal length: documents one after the other, each closed by the end token, cut where a row is full. Nothing is padded.</summary>
    /// <param name="encode">Turns a document into ids.</param>
    /// <param name="endOfText">Id that closes a document.</param>
    /// <param name="length">Tokens of a row.</param>
    public IEnumerable<long[]> Rows(Func<string, IReadOnlyList<int>> encode, int endOfText, int length)
    {
        List<long> buffer = [];
        for (var index = 0L; ; index++)
        {
            foreach (var id in encode(Document(index)))
                buffer.Add(id);
            buffer.Add(endOfText);
            var at = 0;
            for (; buffer.Count - at >= length; at += length)
                yield return [.. buffer[at..(at + length)]];
            buffer.RemoveRange(0, at);
        }
    }
}
