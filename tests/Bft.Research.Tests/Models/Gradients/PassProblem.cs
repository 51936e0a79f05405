using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Models.Gradients;
using Bft.Research.Numerics;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Models.Gradients;

/// <summary>A model, what trains in it, a micro-batch, and a direction for ∂L/∂hidden.</summary>
internal sealed record PassProblem
{
    public static readonly CausalLmConfig Llama = new()
    {
        Family = DecoderFamily.Llama,
        VocabularySize = 40,
        HiddenSize = 24,
        IntermediateSize = 40,
        Layers = 2,
        Heads = 4,
        KeyValueHeads = 2,
        HeadDim = 6,
        TiedHead = true,
        InitialDeviation = 0.3,
    };

    public static readonly CausalLmConfig Qwen2 = Llama with { Family = DecoderFamily.Qwen2, QueryKeyValueBias = true, LayerWindows = [null, 3] };

    public static readonly CausalLmConfig Qwen3 = Llama with { Family = DecoderFamily.Qwen3, HeadDim = 8, TiedHead = false };

    public CausalLmConfig Config { get; init; } = Llama;

    /// <summary>Null trains every weight.</summary>
    public LoraOptions? Lora { get; init; } = new() { Rank = 2, Alpha = 2 };

    public torch.ScalarType Dtype { get; init; } = torch.ScalarType.Float64;

    /// <summary>Whether rows hold two samples each.</summary>
    public bool Packed { get; init; }

    /// <summary>Micro-batch whose dropout acts on the way back; not 0 is wrong.</summary>
    public int DropoutOnTheWayBack { get; init; }

    /// <summary>Hidden states and all gradients, by autograd or by hand.</summary>
    public (double[] Hidden, double[] Gradients) Solve(bool byHand, bool checkpointing = false, int repeats = 1)
    {
        Bft.Research.Devices.NativeLibraries.EnsureLoaded();
        torch.set_num_threads(1);
        using var scope = torch.NewDisposeScope();
        using var model = CausalLm.Create(Config, 7, Dtype);
        using var adapter = Lora is null ? null : LoraAdapter.Create(model, Lora, 3);
        using var work = byHand ? GradientWorkspace.For(model) : null;
        return Solve(model, adapter, work, checkpointing, repeats);
    }

    /// <summary>As <see cref="Solve(bool, bool, int)"/>, with a model that is there.</summary>
    public (double[] Hidden, double[] Gradients) Solve(CausalLm model, LoraAdapter? adapter, GradientWorkspace? work, bool checkpointing, int repeats = 1)
    {
        using var scope = torch.NewDisposeScope();
        var trained = adapter?.Parameters ?? model.Parameters;
        foreach (var (name, value) in trained)
        {
            if (name.EndsWith("lora_B.weight", StringComparison.Ordinal) || name.EndsWith(".bias", StringComparison.Ordinal))
                using (torch.no_grad())
                    value.copy_(torch.sin(torch.arange(value.numel(), torch.ScalarType.Float64)).view(value.shape) * 0.2);
            value.requires_grad_(true);
            value.grad = null;
        }

        double[] hidden = [];
        for (var i = 0; i < repeats; i++)
        {
            adapter?.StartDropout(0, 0);
            using var pass = TrainingPass.Run(model, Packed ? PackedBatch() : Batch(0, 1, 2), checkpointing, work);
            hidden = Doubles(pass.Hidden);
            var direction = torch.sin(torch.arange(pass.Hidden.numel(), torch.ScalarType.Float64)).view(pass.Hidden.shape).to(model.Dtype);
            adapter?.StartDropout(0, DropoutOnTheWayBack);
            pass.Backward(direction);
            adapter?.StopDropout();
        }

        return (hidden, [.. trained.SelectMany(p => p.Value.grad is { } g ? Doubles(g) : new double[p.Value.numel()])]);
    }

    /// <summary>Two rows of two samples each, whose positions start again.</summary>
    private static TokenBatch PackedBatch()
    {
        const int length = 9;
        long[] ids = [.. Enumerable.Range(0, 2 * length).Select(i => (long)(i * i * 3 + 5) % 40)];
        int[] samples = [.. Enumerable.Range(0, 2 * length).Select(i => i % length < 4 ? 0 : 1)];
        return new()
        {
            Rows = 2,
            Length = length,
            InputIds = ids,
            PositionIds = [.. Enumerable.Range(0, 2 * length).Select(i => (long)(i % length < 4 ? i % length : i % length - 4))],
            SampleIds = samples,
            Scored = NextToken.Align(ids, 2, length),
        };
    }
}
