using System.Text.Json;
using Bft.Research.Models;

namespace Bft.Research.Verification.Models;

/// <summary>Kind <c>config</c>: both forms of config.json of a decoder mean the same model.</summary>
internal sealed class ConfigRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden is { Area: "models", Kind: "config" };

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        foreach (var form in (string[])["config", "config_older_form"])
        {
            if (golden.OptionalInput(form) is not { } text)
                continue;
            var config = CausalLmConfig.Parse(text.GetRawText(), $"{golden.File}: case {golden.Id}: {form}");
            Compare(golden, compare, form, config);
            Compare(golden, compare, $"{form}, written and read again", CausalLmConfig.Parse(config.ToJson(config.StoredDtype ?? torch.ScalarType.Float32)));
        }
    }

    private static void Compare(GoldenCase golden, Comparison compare, string form, CausalLmConfig config)
    {
        compare.Exact($"{form}: rope_type", golden.Expect("rope_type").Text(), config.Rotary.Kind.ToString().ToLowerInvariant());
        compare.Number($"{form}: rope_theta", golden.Expect("rope_theta").Number(), config.Rotary.Theta);
        compare.Exact($"{form}: head_dim", golden.Expect("head_dim").GetInt32(), config.HeadDim);
        compare.Numbers($"{form}: inv_freq", golden.Expect("inv_freq"), config.Rotary.InverseFrequencies(config.HeadDim));
        compare.Number($"{form}: attention_scaling", golden.Expect("attention_scaling").Number(), config.Rotary.AttentionScaling);
        compare.Exact($"{form}: num_key_value_heads", golden.Expect("num_key_value_heads").GetInt32(), config.KeyValueHeads);
        compare.Exact($"{form}: tied", golden.Expect("tied").GetBoolean(), config.TiedHead);
        compare.ExactSequence(
            $"{form}: layer_windows",
            golden.Expect("layer_windows").EnumerateArray().Select(window => window.ValueKind == JsonValueKind.Null ? (int?)null : window.GetInt32()),
            Enumerable.Range(0, config.Layers).Select(config.Window));
        compare.Exact($"{form}: parameter_count", golden.Expect("parameter_count").GetInt64(), config.ParameterCount);
        compare.ExactSequence(
            $"{form}: stored_tensors",
            golden.Expect("stored_tensors").Strings().Order(StringComparer.Ordinal),
            config.ParameterShapes().Select(p => p.Name).Order(StringComparer.Ordinal));
    }
}
