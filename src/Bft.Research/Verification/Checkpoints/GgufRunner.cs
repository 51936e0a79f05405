using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Bft.Research.Checkpoints;

namespace Bft.Research.Verification.Checkpoints;

/// <summary>Kinds <c>gguf-metadata</c>, <c>dequant</c> and <c>dequant-row</c>: header, values and row order of a GGUF file.</summary>
internal sealed class GgufRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden.Kind is "gguf-metadata" or "dequant" or "dequant-row";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        var path = context.Resolve(golden, golden.Input("file").Text());
        var file = context.Cached($"gguf:{path}", () => GgufFile.Open(path));
        if (golden.Kind == "gguf-metadata")
            CompareMetadata(golden, compare, file);
        else if (golden.Kind == "dequant")
            CompareTensor(golden, compare, file);
        else
            CompareRow(golden, compare, file);
    }

    private static void CompareMetadata(GoldenCase golden, Comparison compare, GgufFile file)
    {
        var header = new Dictionary<string, object>
        {
            ["GGUF.version"] = file.Version,
            ["GGUF.tensor_count"] = file.Tensors.Count,
            ["GGUF.kv_count"] = file.Metadata.Keys.Count,
        };
        foreach (var (key, value) in file.Metadata.Keys.Select(key => (key, file.Metadata[key])).Where(pair => pair.Item2 is not Array))
            header[key] = value!;
        compare.ExactSequence("keys", golden.Expect("values").EnumerateObject().Select(p => p.Name).Order(), header.Keys.Order());
        foreach (var property in golden.Expect("values").EnumerateObject().Where(p => header.ContainsKey(p.Name)))
            CompareScalar(compare, property.Name, property.Value, header[property.Name]);
        foreach (var property in golden.Expect("arrays").EnumerateObject())
            CompareArray(compare, property.Name, property.Value, file.Metadata[property.Name] as Array);
        compare.Exact("alignment", golden.Expect("alignment").GetInt64(), file.Alignment);
        compare.Exact("data_offset", golden.Expect("data_offset").GetInt64(), file.DataOffset);
        compare.ExactSequence(
            "tensors",
            golden.Expect("tensors").EnumerateArray().Select(t =>
                $"{t.GetProperty("name").GetString()} {t.GetProperty("type").GetString()} [{string.Join(", ", t.GetProperty("gguf_shape").Integers())}] {t.GetProperty("bytes")} {t.GetProperty("file_offset")}"),
            file.Tensors.Select(t => $"{t.Name} {t.Type.Name} [{string.Join(", ", t.Dimensions)}] {t.Bytes} {t.FileOffset}"));
    }

    private static void CompareScalar(Comparison compare, string key, JsonElement expected, object actual)
    {
        if (actual is string or bool)
            compare.Exact(key, expected.ToString(), actual.ToString());
        else
            compare.Number(key, expected.Number(), Convert.ToDouble(actual, CultureInfo.InvariantCulture));
    }

    private static void CompareArray(Comparison compare, string key, JsonElement expected, Array? actual)
    {
        string[] lines = [.. (actual ?? Array.Empty<string>()).Cast<object>().Select(item => Convert.ToString(item, CultureInfo.InvariantCulture)!)];
        var first = expected.GetProperty("first").EnumerateArray().Select(item => item.ToString()).ToArray();
        var last = expected.GetProperty("last").EnumerateArray().Select(item => item.ToString()).ToArray();
        compare.Exact($"{key}.length", expected.GetProperty("length").GetInt32(), lines.Length);
        compare.ExactSequence($"{key}.first", first, lines.Take(first.Length));
        compare.ExactSequence($"{key}.last", last, lines.TakeLast(last.Length));
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        compare.Exact($"{key}.sha256", expected.GetProperty("sha256_of_lines").Text(), Convert.ToHexStringLower(hash));
    }

    private static void CompareTensor(GoldenCase golden, Comparison compare, GgufFile file)
    {
        var info = file.Find(golden.Input("tensor").Text());
        if (info is null)
        {
            compare.Fail("no such tensor");
            return;
        }

        using var weights = new GgufWeights(file);
        var name = golden.Expect("hf_name").Text();
        var bytes = golden.Input("first_bytes").Integers();
        compare.ExactSequence("first_bytes", bytes.Select(b => (byte)b), file.StoredBytes(info, bytes.Length).ToArray());
        compare.Exact("type", golden.Input("type").Text(), info.Type.Name);
        compare.Exact("stored name", info.Name, weights.StoredName(name));
        compare.Exact("rows_permuted", golden.Expect("rows_permuted").GetBoolean(), weights.Reorders(name));
        using var stored = file.Load(info.Name);
        using var ordered = weights.Load(name, torch.ScalarType.Float32, torch.CPU);
        CompareValues(compare, "as_stored", golden.Expect("as_stored"), stored);
        CompareValues(compare, "as_hf", golden.Expect("as_hf"), ordered);
    }

    private static void CompareValues(Comparison compare, string what, JsonElement expected, Tensor actual)
    {
        var shape = actual.shape;
        var values = actual.data<float>().ToArray();
        compare.ExactSequence($"{what}.shape", expected.GetProperty("shape").Integers(), shape);
        Exact("first8", values.Take(8));
        Exact("last8", values.TakeLast(8));
        if (expected.GetProperty("row1_first8").ValueKind == JsonValueKind.Array)
            Exact("row1_first8", values.Skip((int)shape[^1]).Take(8));
        compare.Exact($"{what}.min", expected.GetProperty("min").Number(), values.Min());
        compare.Exact($"{what}.max", expected.GetProperty("max").Number(), values.Max());
        compare.Number($"{what}.sum", expected.GetProperty("sum").Number(), Sum(values, value => value));
        compare.Number($"{what}.sum_of_squares", expected.GetProperty("sum_of_squares").Number(), Sum(values, value => value * value));

        void Exact(string field, IEnumerable<float> found) =>
            compare.ExactSequence($"{what}.{field}", expected.GetProperty(field).Numbers(), found.Select(value => (double)value));
    }

    /// <summary>A compensated sum: with 28 million terms the plain one is off by 1e-10.</summary>
    private static double Sum(float[] values, Func<double, double> term)
    {
        double sum = 0, lost = 0;
        foreach (var value in values)
        {
            var next = term(value) - lost;
            var total = sum + next;
            lost = total - sum - next;
            sum = total;
        }

        return sum;
    }

    private static void CompareRow(GoldenCase golden, Comparison compare, GgufFile file)
    {
        using var scope = torch.NewDisposeScope();
        var row = file.Load(golden.Input("tensor").Text())[golden.Input("row").GetInt64()].to(torch.ScalarType.Float64);
        compare.ExactSequence("values", golden.Expect("values").Numbers(), row.data<double>().ToArray());
    }
}
