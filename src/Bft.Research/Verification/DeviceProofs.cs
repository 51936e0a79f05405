using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Bft.Research.Devices;
using Bft.Research.Models;
using Bft.Research.Numerics;
using Bft.Research.Training;

namespace Bft.Research.Verification;

/// <summary>Shows that a device computes what it should: what <c>bft gpu</c> ends with. Everything runs in float32 and is judged against float64 on the CPU.</summary>
public static class DeviceProofs
{
    /// <summary>Largest error of a float32 product of 512 terms, relative to the largest entry: an order of sums may cost a few parts in a million; TF32, which rounds factors to 10 bits, is far above.</summary>
    private const double ProductLimit = 1e-5;

    /// <summary>Largest relative error of loss and gradient of a step in float32.</summary>
    private const double StepLimit = 1e-4;

    private const int Size = 512;

    /// <summary>All proofs, one after the other; an error of libtorch is a proof that failed, with its message.</summary>
    /// <param name="device">Where to compute.</param>
    /// <param name="cases">Folder of reference cases; null leaves them out.</param>
    /// <param name="cancellationToken">Stops between proofs and cases.</param>
    public static IEnumerable<DeviceProof> Run(torch.Device device, string? cases, CancellationToken cancellationToken = default)
    {
        NativeLibraries.EnsureLoaded();
        yield return Take("matrix product against float64", () => Product(device, (a, b) => a.mm(b)));
        cancellationToken.ThrowIfCancellationRequested();
        yield return Take("BFT step against float64 on the CPU", () => Step(device));
        cancellationToken.ThrowIfCancellationRequested();
        yield return Take("the same BFT step twice", () => Repeat(device));
        if (cases is not null)
            yield return Take("reference cases (bft verify)", () => Verify(device, cases, cancellationToken));
    }

    /// <summary>A product of random matrices with 512 rows and columns.</summary>
    internal static (bool, string) Product(torch.Device device, Func<Tensor, Tensor, Tensor> multiply)
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(1, torch.CPU);
        var (a, b) = (torch.randn([Size, Size], torch.ScalarType.Float32, generator: generator), torch.randn([Size, Size], torch.ScalarType.Float32, generator: generator));
        var exact = a.to(torch.ScalarType.Float64).mm(b.to(torch.ScalarType.Float64));
        var ours = multiply(a.to(device), b.to(device)).to(torch.CPU).to(torch.ScalarType.Float64);
        var deviation = (ours - exact).abs().max().item<double>() / exact.abs().max().item<double>();
        return (deviation <= ProductLimit, Judged(deviation, ProductLimit));
    }

    private static (bool, string) Step(torch.Device device)
    {
        var (loss, gradients) = Gradients(torch.ScalarType.Float32, device);
        var (exactLoss, exact) = Gradients(torch.ScalarType.Float64, torch.CPU);
        return Compare(loss, gradients, exactLoss, exact);
    }

    /// <summary>Loss and gradient of a step against exact ones.</summary>
    internal static (bool, string) Compare(double loss, double[] gradients, double exactLoss, double[] exact)
    {
        var ofLoss = Math.Abs(loss - exactLoss) / Math.Abs(exactLoss);
        var ofGradient = Norm([.. gradients.Zip(exact, (x, y) => x - y)]) / Norm(exact);
        return (ofLoss <= StepLimit && ofGradient <= StepLimit, $"loss {Judged(ofLoss, StepLimit)}; gradient of {exact.Length} values {Judged(ofGradient, StepLimit)}");
    }

    private static (bool, string) Repeat(torch.Device device)
    {
        var (first, second) = (Gradients(torch.ScalarType.Float32, device), Gradients(torch.ScalarType.Float32, device));
        var different = first.Gradients.Zip(second.Gradients).Count(pair => BitConverter.DoubleToInt64Bits(pair.First) != BitConverter.DoubleToInt64Bits(pair.Second));
        var same = different == 0 && BitConverter.DoubleToInt64Bits(first.Loss) == BitConverter.DoubleToInt64Bits(second.Loss);
        // On a card this is information, not a fault: TorchSharp cannot demand deterministic kernels.
        return (same || device.type == DeviceType.CUDA, same ? "the same bytes" : $"{different} of {first.Gradients.Length} values of the gradient differ in their last digits");
    }

    private static (bool, string) Verify(torch.Device device, string cases, CancellationToken cancellationToken)
    {
        using var context = new VerificationContext(VerificationContext.NearestRoot(cases), torch.ScalarType.Float32, device);
        var outcomes = Verifier.Run(cases, context, cancellationToken: cancellationToken).ToList();
        var failed = outcomes.Where(o => !o.Passed).ToList();
        var first = failed.Count == 0 ? "" : $"; first: {failed[0].Case.Id}: {failed[0].Mismatches.FirstOrDefault()}";
        return (outcomes.Count > 0 && failed.Count == 0, $"{outcomes.Count - failed.Count} of {outcomes.Count} pass{first}");
    }

    /// <summary>Loss and all gradients of one step of BFT v3 on a small decoder with random weights, the same for every dtype and device.</summary>
    internal static (double Loss, double[] Gradients) Gradients(torch.ScalarType dtype, torch.Device device)
    {
        using var scope = torch.NewDisposeScope();
        using var model = CausalLm.Create(
            new()
            {
                Family = DecoderFamily.Llama,
                VocabularySize = 256,
                HiddenSize = 64,
                IntermediateSize = 128,
                Layers = 2,
                Heads = 4,
                KeyValueHeads = 2,
                HeadDim = 16,
                InitialDeviation = 0.1,
            },
            3,
            dtype,
            device);
        using var trainer = new Trainer(model, new() { Lora = null, Objective = new() { ConfidenceWindow = 16 } });
        var sums = trainer.Accumulate([Rows()]);
        return (sums.Loss, [.. trainer.Tensors.SelectMany(t => t.Gradient!.to(torch.ScalarType.Float64).cpu().contiguous().data<double>().ToArray())]);
    }

    /// <summary>Four rows of 24 to 48 tokens; the first four of each are not supervised.</summary>
    private static Data.TokenBatch Rows()
    {
        const int rows = 4, length = 48;
        long[] ids = new long[rows * length], labels = [.. Enumerable.Repeat(NextToken.Ignored, ids.Length)];
        var mask = new bool[ids.Length];
        for (var row = 0; row < rows; row++)
            for (var t = 0; t < length - 8 * row; t++)
            {
                var at = row * length + t;
                ids[at] = SplitMix64.Index(5, (ulong)at, 256);
                mask[at] = true;
                labels[at] = t < 4 ? NextToken.Ignored : ids[at];
            }

        return new() { Rows = rows, Length = length, InputIds = ids, AttentionMask = mask, Scored = NextToken.Align(labels, rows, length) };
    }

    private static DeviceProof Take(string name, Func<(bool Passed, string Found)> proof)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            var (passed, found) = proof();
            return new(name, passed, found, watch.Elapsed.TotalSeconds);
        }
        catch (Exception e) when (e is ExternalException or InvalidOperationException or ArgumentException or TrainingStoppedException)
        {
            return new(name, false, e.Message.Split('\n')[0], watch.Elapsed.TotalSeconds);
        }
    }

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(x => x * x));

    private static string Judged(double deviation, double limit) => string.Create(CultureInfo.InvariantCulture, $"off by {deviation:0.0e+0}, at most {limit:0e+0}");
}
