using Bft.Research.Models;

namespace Bft.Research.Tests.Models;

/// <summary>Small decoders for tests, drawn wide enough that attention is not flat.</summary>
internal static class TinyDecoder
{
    public static CausalLmConfig Config(DecoderFamily family = DecoderFamily.Llama) => new()
    {
        Family = family,
        VocabularySize = 50,
        HiddenSize = 24,
        IntermediateSize = 40,
        Layers = 2,
        Heads = 4,
        KeyValueHeads = 2,
        HeadDim = 8,
        QueryKeyValueBias = family == DecoderFamily.Qwen2,
        InitialDeviation = 0.3,
        MaxPositions = 64,
        EosTokenIds = [2],
    };

    public static CausalLm Create(CausalLmConfig? config = null, torch.ScalarType dtype = torch.ScalarType.Float64) =>
        CausalLm.Create(config ?? Config(), 7, dtype);

    /// <summary>[rows, length] ids that differ from place to place.</summary>
    public static Tensor Ids(int rows, int length, int start = 3) =>
        torch.tensor([.. Enumerable.Range(0, rows * length).Select(i => (long)((start + i * 7 + i * i * 3) % 50))], [rows, length]);

    public static Tensor Row(params long[] values) => torch.tensor(values, [1, values.Length]);

    public static double Distance(Tensor a, Tensor b) => (a.to(torch.ScalarType.Float64) - b.to(torch.ScalarType.Float64)).abs().max().ToDouble();
}
