using System.Text.Json;
using Bft.Research.Models;
using Bft.Research.Numerics;

namespace Bft.Research.Verification.Models;

/// <summary>Kind <c>logits</c>: logits, hidden states and loss of a stored decoder.</summary>
internal sealed class LogitsRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden is { Area: "models", Kind: "logits" };

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        compare.Widen(context.DtypeTolerance);
        var folder = context.Resolve(golden, golden.Input("model").Text());
        var model = context.Cached($"CausalLm {folder}", () => CausalLm.Load(folder, context.Dtype, context.Device));
        Tensor? Ids(string name) => golden.OptionalInput(name) is { } value ? golden.Tensor(value).to(torch.ScalarType.Int64, context.Device) : null;

        using var off = torch.no_grad();
        Tensor inputs = Ids("input_ids")!, mask = Ids("attention_mask") ?? torch.ones_like(inputs);
        var states = States(model, inputs, Ids("attention_mask"), Ids("position_ids"));
        var logits = model.Logits(states[^1]);
        var last = (int?)golden.OptionalInput("last_positions")?.GetInt32() ?? (int)inputs.size(1);
        var real = mask.narrow(1, inputs.size(1) - last, last);

        CompareReal(golden, compare, "logits", golden.Expect("logits"), logits, last, real);
        if (golden.OptionalExpect("hidden_states") is { } expected)
            CompareReal(golden, compare, "hidden_states", expected, torch.stack(states), last, real.unsqueeze(0).expand(states.Count, -1, -1));
        var whole = model.Hidden(inputs, Ids("attention_mask"), Ids("position_ids"));
        compare.Number("Hidden against block by block", 0, (whole - states[^1]).abs().max().ToDouble());
        if (golden.OptionalExpect("loss") is { } loss)
            CompareLoss(golden, compare, loss.Number(), logits, inputs);
    }

    private static List<Tensor> States(CausalLm model, Tensor inputs, Tensor? mask, Tensor? positions)
    {
        using var shared = model.NewContext((int)inputs.size(0), (int)inputs.size(1), mask, positions);
        List<Tensor> states = [model.Embed(inputs)];
        foreach (var block in model.Blocks)
            states.Add(block.Forward(states[^1], shared));
        states[^1] = model.FinalNorm(states[^1]);
        return states;
    }

    /// <summary>Compares the last positions where the mask is set.</summary>
    private static void CompareReal(GoldenCase golden, Comparison compare, string what, JsonElement expected, Tensor actual, int last, Tensor real)
    {
        var wanted = golden.Tensor(expected).to(torch.ScalarType.Float64);
        var found = actual.narrow(-2, actual.size(-2) - last, last).to(torch.ScalarType.Float64, torch.CPU);
        compare.ExactSequence($"{what}: shape", wanted.shape, found.shape);
        if (!wanted.shape.SequenceEqual(found.shape))
            return;
        var keep = real.ne(0).cpu().unsqueeze(-1).expand_as(wanted);
        compare.Numbers(what, wanted.masked_select(keep).data<double>().ToArray(), found.masked_select(keep).data<double>().ToArray());
    }

    private static void CompareLoss(GoldenCase golden, Comparison compare, double expected, Tensor logits, Tensor inputs)
    {
        int rows = (int)inputs.size(0), length = (int)inputs.size(1);
        var scored = NextToken.Align(golden.Input("labels").Integers(), rows, length);
        var chosen = logits.reshape(-1, logits.size(-1)).index_select(0, torch.tensor(scored.Positions, device: logits.device)).to(torch.ScalarType.Float64);
        var logProbs = chosen.gather(1, torch.tensor(scored.Targets, device: logits.device).unsqueeze(1)).squeeze(1) - chosen.logsumexp(1);
        compare.Exact("loss_tokens", golden.Expect("loss_tokens").GetInt32(), scored.Count);
        compare.Number("loss", expected, -logProbs.mean().ToDouble());
    }
}
