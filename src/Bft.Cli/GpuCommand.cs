using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bft.Research.Checkpoints;
using Bft.Research.Devices;
using Bft.Research.Verification;
using Bft.Results;
using TorchSharp;

namespace Bft.Cli;

/// <summary><c>bft gpu</c>: what this machine has for computing, what it lacks with the fix, and proofs that it computes what it should.</summary>
internal static class GpuCommand
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };
    private static readonly Option<string> s_device = TensorOptions.Device();
    private static readonly Option<int?> s_threads = new("--threads") { Description = "threads of the processor; without it cores and what the system grants decide" };
    private static readonly Option<FileInfo?> s_asJson = new("--json") { Description = "everything as JSON: to a file, or without a name to standard output", Arity = ArgumentArity.ZeroOrOne };

    public static Command Create()
    {
        var command = new Command(
            "gpu",
            $"Examine cards, driver, CUDA and libtorch, say what is missing and how to mend it, and prove the device by computing on it. Exit code {Verb.Success}: all well; "
            + $"{Verb.NoGpu}: no usable GPU, but the CPU computes right; {Verb.Failure}: something computes wrong.")
        {
            s_device, s_threads, s_asJson,
        };
        return command.Does(Run);
    }

    private static int Run(ParseResult result, CancellationToken cancellation)
    {
        var report = GpuDoctor.Examine(Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES"), Environment.GetEnvironmentVariable(Determinism.WorkspaceVariable));
        var writesJson = result.GetResult(s_asJson) is not null;
        if (!writesJson)
            Write(report);
        if (report.Libtorch is null)
            return Finish(result, new(report, null, [], [], Verb.Failure));
        var setup = DeviceSetup.Apply(new() { Device = result.GetValue(s_device)!, Threads = result.GetValue(s_threads) });
        if (!writesJson)
            Console.WriteLine($"\nChosen: {setup}\n");
        List<DeviceProof> proofs = [];
        foreach (var proof in DeviceProofs.Run(setup.Device.Device, Path.Combine(AppContext.BaseDirectory, "cases"), cancellation))
        {
            proofs.Add(proof);
            if (!writesJson)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(proof.Passed ? "passed" : "FAILED")}  {proof.Name}: {proof.Found} ({proof.Seconds:0.0} s)"));
        }

        var code = proofs.Any(p => !p.Passed) ? Verb.Failure : report.HasGpu || result.GetValue(s_device) != DeviceChoice.Auto ? Verb.Success : Verb.NoGpu;
        return Finish(result, new(report, setup, proofs, Rates(setup), code));
    }

    /// <summary>Matrix products in the types worth using, against the peak of the data sheet.</summary>
    private static List<Rate> Rates(DeviceSetup setup)
    {
        torch.ScalarType[] types = setup.Precision.Dtype == torch.ScalarType.Float32 ? [torch.ScalarType.Float32] : [torch.ScalarType.Float32, setup.Precision.Dtype];
        return [.. types.Select(type => Rate.Of(setup, type))];
    }

    private static void Write(GpuReport report)
    {
        Console.Write(TextTable.Of(["", "Item", "Found"], report.Findings.Select(f => new[] { f.State.ToString().ToLowerInvariant(), f.Item, f.Found })).ToText());
        if (report.Fixes.Count > 0)
            Console.WriteLine("\nTo do:");
        foreach (var (fix, number) in report.Fixes.Select((fix, i) => (fix, i + 1)))
            Console.WriteLine($"  {number}. {fix}");
    }

    private static int Finish(ParseResult result, Outcome outcome)
    {
        if (result.GetResult(s_asJson) is null)
        {
            foreach (var rate in outcome.Rates)
                Console.WriteLine($"matrix products in {rate.Dtype}: {rate}");
            Console.WriteLine(outcome.ExitCode switch
            {
                Verb.Success => $"\n{outcome.Setup!.Device.Name} computes what it should.",
                Verb.NoGpu => "\nThere is no GPU to use; the CPU computes what it should.",
                _ => outcome.Setup is null ? "\nlibtorch does not load." : $"\n{outcome.Setup.Device.Name} does not compute what it should; train nothing on it.",
            });
            return outcome.ExitCode;
        }

        if (result.GetValue(s_asJson) is { } file)
            AtomicOutput.WriteFile(file.FullName, stream => JsonSerializer.Serialize(stream, Json(outcome), s_json));
        else
            Console.WriteLine(JsonSerializer.Serialize(Json(outcome), s_json));
        return outcome.ExitCode;
    }

    private static object Json(Outcome outcome) => new
    {
        outcome.Report.HasGpu,
        outcome.Report.Findings,
        outcome.Report.Cards,
        outcome.Report.Libtorch,
        Device = outcome.Setup?.Device.Name,
        DeviceReason = outcome.Setup?.Device.Reason,
        Dtype = outcome.Setup?.Precision.Dtype.ToString().ToLowerInvariant(),
        DtypeReason = outcome.Setup?.Precision.Reason,
        Threads = outcome.Setup?.Threads.Threads,
        ThreadsReason = outcome.Setup?.Threads.Reason,
        outcome.Proofs,
        outcome.Rates,
        outcome.ExitCode,
    };

    private sealed record Outcome(GpuReport Report, DeviceSetup? Setup, IReadOnlyList<DeviceProof> Proofs, IReadOnlyList<Rate> Rates, int ExitCode);

    /// <summary>How fast matrices are multiplied in one type, and the data sheet's word for it.</summary>
    private sealed record Rate(string Dtype, double MeasuredFlopsPerSecond, double? PeakFlopsPerSecond, string? PeakSource)
    {
        public static Rate Of(DeviceSetup setup, torch.ScalarType type)
        {
            var measured = MatrixRate.Measure(setup.Device.Device, type, TimeSpan.FromSeconds(0.5));
            var peak = setup.Device.IsCuda ? DevicePeak.Of(setup.Device, type) : null;
            return new(type.ToString().ToLowerInvariant(), measured, peak?.FlopsPerSecond, peak?.Source);
        }

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{MeasuredFlopsPerSecond / 1e9:0} GFLOP/s measured{(PeakFlopsPerSecond is { } peak ? $", {MeasuredFlopsPerSecond / peak:0%} of {PeakSource}" : PeakSource is null ? "" : $"; peak {PeakSource}")}");
    }
}
