using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Bft.Research.Data;
using Bft.Research.Devices;
using Bft.Research.Models;
using Bft.Research.Numerics;
using Bft.Research.Training;

namespace Bft.Research.Tests.Training;

/// <summary>Plans against the peak of a process that trains and does nothing else.</summary>
public class MemoryPlanProcessTests
{
    private const string Case = "BFT_MEMORY_CASE";
    private const string Result = "BFT_MEMORY_RESULT";

    /// <summary>Model width 256, 6 blocks; or the real model of 135 million parameters.</summary>
    private sealed record Setting(string? Folder, torch.ScalarType Dtype, bool Lora, bool Checkpointing, int Rows, int Length)
    {
        public CausalLmConfig Config => Folder is not null ? CausalLmConfig.Read(Folder) : new()
        {
            Family = DecoderFamily.Llama,
            VocabularySize = 16_384,
            HiddenSize = 256,
            IntermediateSize = 1024,
            Layers = 6,
            Heads = 4,
            KeyValueHeads = 2,
            HeadDim = 64,
            TiedHead = true,
        };

        public TrainerOptions Options => new() { Lora = Lora ? new() : null, GradientCheckpointing = Checkpointing, RowsPerMicroBatch = Rows, Accumulation = 2 };

        public MicroBatchSize Size => new(Rows, Length, Rows * (Length - 1));
    }

    [Theory]
    [InlineData(torch.ScalarType.Float32, true, false, 8, 192)]
    [InlineData(torch.ScalarType.Float32, true, true, 8, 192)]
    [InlineData(torch.ScalarType.BFloat16, true, false, 2, 512)]
    [InlineData(torch.ScalarType.Float32, false, false, 8, 192)]
    [InlineData(torch.ScalarType.BFloat16, false, true, 4, 256)]
    public void The_plan_is_within_its_tolerance_of_the_measured_peak(torch.ScalarType dtype, bool lora, bool checkpointing, int rows, int length) =>
        Compare(new(null, dtype, lora, checkpointing, rows, length));

    [Fact]
    public void So_it_is_for_the_real_model() =>
        Compare(new(Bft.Tests.SharedFolder.Require("data", "models", "smollm2-135m-instruct"), torch.ScalarType.BFloat16, true, false, 2, 96));

    [Fact(Explicit = true)]
    public void Child()
    {
        var setting = JsonSerializer.Deserialize<Setting>(Environment.GetEnvironmentVariable(Case)!)!;
        NativeLibraries.EnsureLoaded();
        torch.set_num_threads(1);
        using var model = setting.Folder is { } folder ? CausalLm.Load(folder, setting.Dtype) : CausalLm.Create(setting.Config, 1, setting.Dtype);
        long[] ids = [.. Enumerable.Range(0, setting.Rows * setting.Length).Select(i => (long)i * i % 16_000)];
        TokenBatch batch = new() { Rows = setting.Rows, Length = setting.Length, InputIds = ids, Scored = NextToken.Align(ids, setting.Rows, setting.Length) };
        File.WriteAllText("/proc/self/clear_refs", "5"); // loading is not what is planned
        using var trainer = new Trainer(model, setting.Options);
        for (var step = 0; step < 2; step++)
            trainer.Step([batch], 1e-4);
        File.WriteAllText(Environment.GetEnvironmentVariable(Result)!, MemoryMeter.PeakResidentBytes().ToString(CultureInfo.InvariantCulture));
    }

    private static void Compare(Setting setting)
    {
        var measured = Measure(setting);
        var plan = MemoryPlan.For(setting.Config, setting.Options, setting.Dtype, setting.Size);
        Assert.InRange((double)measured / plan.TotalBytes, 1 - MemoryPlan.Tolerance, 1 + MemoryPlan.Tolerance);
        if (setting.Checkpointing || setting.Folder is not null)
            return;
        // The wrong variant: a plan without activations misses by more than it may.
        var without = plan with { Parts = [.. plan.Parts.Where(part => part.Name != "activations")] };
        Assert.Contains("was off", without.Compare(measured), StringComparison.Ordinal);
        Assert.DoesNotContain("was off", plan.Compare(measured), StringComparison.Ordinal);
    }

    private static long Measure(Setting setting)
    {
        var result = Path.GetTempFileName();
        try
        {
            var child = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Bft.Research.Tests.dll"), "-explicit", "only", "-method", $"{typeof(MemoryPlanProcessTests).FullName}.{nameof(Child)}"]);
            child.Environment[Case] = JsonSerializer.Serialize(setting);
            child.Environment[Result] = result;
            child.RedirectStandardOutput = true;
            using var process = Process.Start(child)!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, output);
            return long.Parse(File.ReadAllText(result), CultureInfo.InvariantCulture);
        }
        finally
        {
            File.Delete(result);
        }
    }
}
