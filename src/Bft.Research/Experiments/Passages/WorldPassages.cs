using Bft.Research.Uncertainty;
using Bft.Research.World;

namespace Bft.Research.Experiments.Passages;

/// <summary>Passages of the embedded world: everyday prose, and biomedical prose with marked entities. Hold-out text, never trained on.</summary>
/// <param name="world">The world.</param>
/// <param name="seed">Seed of the generator.</param>
public sealed class WorldPassages(MiniWorld world, ulong seed)
{
    /// <summary>Source name of everyday prose.</summary>
    public const string Everyday = "everyday";

    /// <summary>Source name of biomedical prose about facts that pretraining showed.</summary>
    public const string Known = "world";

    /// <summary>Source name of biomedical prose about facts that pretraining did not show.</summary>
    public const string New = "world_new";

    /// <summary>Whether a source name is one of these.</summary>
    public static bool Has(string source) => source is Everyday or Known or New;

    /// <summary>Writes passages of two generated texts each.</summary>
    /// <exception cref="ArgumentException">No such source.</exception>
    public IReadOnlyList<Passage> Take(string source, int count) => [.. Enumerable.Range(0, count).Select(i => Join(source, i))];

    private Passage Join(string source, int number)
    {
        AnnotatedText first = Write(source, 2L * number), second = Write(source, 2L * number + 1);
        var shift = first.Text.EnumerateRunes().Count() + 1;
        return new()
        {
            Id = $"{source}/{number:000}",
            Source = source,
            Domain = source == Everyday ? "general" : "biomedical",
            Text = $"{first.Text} {second.Text}",
            Entities = source == Everyday ? null
                : [.. Entities(first, 0), .. Entities(second, shift)],
        };
    }

    private AnnotatedText Write(string source, long index) => source switch
    {
        Everyday => world.General(seed, TextSplit.HeldOut, index),
        Known => world.Biomedical(seed, FactHalf.Known, TextSplit.HeldOut, index),
        New => world.Biomedical(seed, FactHalf.New, TextSplit.HeldOut, index),
        _ => throw new ArgumentException($"The embedded world has no source '{source}'.", nameof(source)),
    };

    private static IEnumerable<TextSpan> Entities(AnnotatedText text, int shift) =>
        text.Spans.Where(span => span.IsEntity).Select(span => new TextSpan(span.Start + shift, span.End + shift));
}
