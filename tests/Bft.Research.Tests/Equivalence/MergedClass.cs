using Bft.Research.Models;
using Bft.Research.Objectives;
using Bft.Research.Tests.Models;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Equivalence;

/// <summary>An adapter beside the model against the model with it merged: losses, and gradients of A, B and m by the chain rule from those of the merged weights.</summary>
internal static class MergedClass
{
    private static readonly LmHeadOptions s_tiles = new() { TokenChunk = 5, VocabularyChunk = 7, KeptLogits = 100 }; // partial last chunks; some tiles kept, some computed again

    public static EquivalenceClass Instance { get; } = new(
        "adapter and merged weights",
        [
            .. LoraProblem.Kinds.Select(kind => Same(kind.Key, checkpointing: false)),
            Same("DoRA on blocks", checkpointing: true),
            Same("both ends of a tied model", checkpointing: true),
        ],
        [
            Wrong("the scaling is left out", "blocks", new() { Scaled = false }),
            Wrong("DoRA's norm carries gradient", "DoRA on blocks", new() { FixedNorm = false }),
            Wrong("a tied head pulls at the embedding's update", "both ends of a tied model", new() { SumsEnds = true }),
        ]);

    /// <summary>What the chain rule respects; all true but the last when it is right.</summary>
    private sealed record Chain
    {
        public bool Scaled { get; init; } = true;

        public bool FixedNorm { get; init; } = true;

        public bool SumsEnds { get; init; }
    }

    private static Way Same(string kind, bool checkpointing) =>
        new(checkpointing ? $"{kind}, blocks computed again" : kind, s => (Merged(s, kind, new()), Beside(s, kind, checkpointing)));

    private static WrongWay Wrong(string name, string kind, Chain chain) => new(name, s => (Merged(s, kind, new()), Merged(s, kind, chain)));

    private static StepNumbers Beside(Setting setting, string kind, bool checkpointing)
    {
        var (tied, lora) = LoraProblem.Kinds[kind];
        return Step.Trained(setting, [Layouts.Together()], o => o with { Lora = lora, GradientCheckpointing = checkpointing, Head = s_tiles }, tied: tied);
    }

    private static StepNumbers Merged(Setting setting, string kind, Chain chain)
    {
        using var scope = torch.NewDisposeScope();
        var (tied, lora) = LoraProblem.Kinds[kind];
        using var model = setting.Model(wide: true, tied);
        using var adapter = Setting.Adapter(model, lora);
        using var merged = setting.Model(wide: true, tied);
        using (var update = Setting.Adapter(merged, lora))
            update.Merge();
        foreach (var (_, value) in merged.Parameters)
            value.requires_grad = true;
        var losses = Step.AddGraph(merged, [Layouts.Together()], setting.Objective);
        var whole = merged.Parameters.ToDictionary(p => p.Name, p => p.Value.grad!);
        if (chain.SumsEnds)
            whole["model.embed_tokens.weight"] = whole["model.embed_tokens.weight"] + whole["lm_head.weight"];
        var gradients = adapter.Parameters.Where(p => whole.ContainsKey(p.Name)).ToDictionary(p => p.Name, p => Doubles(whole[p.Name]));
        foreach (var layer in adapter.Layers)
            AddChain(layer, whole[$"{layer.Target.Name}.weight"], gradients, chain);
        return new(losses, gradients);
    }

    private static void AddChain(LoraLayer layer, Tensor whole, Dictionary<string, double[]> gradients, Chain chain)
    {
        var embedding = layer.Target is TokenEmbedding;
        var (weight, gradient) = embedding ? (layer.Target.Weight.t(), whole.t()) : (layer.Target.Weight, whole);
        var updated = weight + layer.B.mm(layer.A) * layer.Scaling;
        var scaling = chain.Scaled ? layer.Scaling : 1;
        string Key(char matrix) => embedding ? $"{layer.Target.Name}.lora_embedding_{matrix}" : $"{layer.Target.Name}.lora_{matrix}.weight";
        if (layer.Magnitude is { } magnitude)
        {
            var norms = updated.norm(1);
            gradients[$"{layer.Target.Name}.lora_magnitude_vector"] = Doubles((gradient * updated).sum(1) / norms);
            var free = gradient * (magnitude / norms).unsqueeze(1);
            gradient = chain.FixedNorm ? free : free - updated * ((gradient * updated).sum(1) * magnitude / norms.pow(3)).unsqueeze(1);
        }

        gradients[Key('A')] = Doubles(layer.B.t().mm(gradient) * scaling);
        gradients[Key('B')] = Doubles(gradient.mm(layer.A.t()) * scaling);
    }
}
