using Bft.Research.Models.Encoders;

namespace Bft.Research.Verification.Encoders;

/// <summary>Kind <c>encoder</c>: hidden states and every pooling of a stored encoder.</summary>
internal sealed class EncoderRunner : ICaseRunner
{
    private static readonly (string Name, Pooling Pooling)[] s_poolings =
        [("cls", Pooling.Cls), ("mean", Pooling.Mean), ("mean_sqrt_length", Pooling.MeanSqrtLength), ("max", Pooling.Max), ("last_token", Pooling.LastToken)];

    public bool Handles(GoldenCase golden) => golden.Kind == "encoder";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        compare.Widen(context.DtypeTolerance);
        var folder = context.Resolve(golden, golden.Input("model").Text());
        var encoder = context.Cached($"TextEncoder {folder}", () => TextEncoder.Load(folder, context.Dtype, context.Device));
        Tensor? Ids(string name) => golden.OptionalInput(name) is { } value ? golden.Tensor(value).to(torch.ScalarType.Int64, context.Device) : null;
        Tensor ids = Ids("input_ids")!, mask = Ids("attention_mask") ?? torch.ones_like(ids);
        var hidden = encoder.Hidden(ids, mask, Ids("token_type_ids"));

        var expected = golden.Tensor(golden.Expect("last_hidden_state")).to(torch.ScalarType.Float64);
        var real = mask.ne(0).cpu().unsqueeze(2).expand_as(expected);
        compare.Numbers("last_hidden_state", Values(expected.masked_select(real)), Values(hidden.cpu().masked_select(real)));
        foreach (var (name, pooling) in s_poolings)
        {
            if (golden.OptionalExpect(name) is { } pooled)
                compare.Numbers(name, golden.Numbers(pooled), Values(pooling.Pool(hidden, mask)));
            if (golden.OptionalExpect($"{name}_normalized") is { } normalised)
                compare.Numbers($"{name}_normalized", golden.Numbers(normalised), Values(pooling.Pool(hidden, mask, normalise: true)));
        }

        if (golden.OptionalExpect("pooler_output") is { } output)
            compare.Numbers("pooler_output", golden.Numbers(output), Values(encoder.PoolerOutput(hidden)));
    }

    private static double[] Values(Tensor tensor) => tensor.to(torch.ScalarType.Float64).cpu().reshape(-1).data<double>().ToArray();
}
