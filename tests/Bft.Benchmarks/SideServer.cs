using System.Diagnostics;
using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Models.Generation;
using Bft.Research.Numerics;
using Bft.Research.Objectives;
using Bft.Research.Training;

namespace Bft.Benchmarks;

/// <summary>The process of a side of ours: answers every line of standard input with one of standard output.</summary>
internal static class SideServer
{
    public static void Run(string kind, SideWork work)
    {
        torch.set_num_threads(work.Threads);
        using var model = CausalLm.Load(work.Folder, work.ScalarType);
        using var adapter = work.Adapter is null ? null : LoraAdapter.Load(model, work.Adapter);
        Func<double> step = adapter is null ? () => double.NaN : kind == "autograd" ? Autograd(model, adapter, work) : Bft(model, adapter, work);
        Measurement.ResetPeak();
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } line)
        {
            var used = Environment.CpuUsage.TotalTime;
            var watch = Stopwatch.StartNew();
            var parts = line.Split(' ');
            var (loss, tokens) = parts[0] == "step" ? (step(), null) : (double.NaN, Generate(model, work, int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)));
            var answer = new SideAnswer(watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - used).TotalSeconds, Measurement.StatusBytes("VmHWM"));
            Console.WriteLine((answer with { Loss = tokens is null ? loss : null, Tokens = tokens }).ToJson());
        }
    }

    public static TokenBatch Batch(SideWork work) =>
        new() { Rows = work.Rows, Length = work.Length, InputIds = work.Ids, Scored = NextToken.Align(work.Ids, work.Rows, work.Length) };

    private static Func<double> Bft(CausalLm model, LoraAdapter adapter, SideWork work)
    {
        var trainer = new Trainer(model, Options(work), adapter);
        var batch = Batch(work);
        return () => trainer.Step([batch], work.Rate).Loss;
    }

    public static TrainerOptions Options(SideWork work) => new()
    {
        Objective = Objective.Named(work.Objective) with { ConfidenceWindow = 32 },
        MaxGradientNorm = double.PositiveInfinity,
        GradientCheckpointing = work.Checkpointing,
        RowsPerMicroBatch = work.Rows,
        Accumulation = 1,
    };

    /// <summary>The same step the plain way through the same libtorch: one graph over blocks and all logits, widened, cross entropy, autograd.</summary>
    private static Func<double> Autograd(CausalLm model, LoraAdapter adapter, SideWork work)
    {
        TrainedTensor[] tensors = [.. adapter.Parameters.Select(p => new TrainedTensor(p.Name, p.Value))];
        var adam = new AdamW(tensors, new());
        return () =>
        {
            using var scope = torch.NewDisposeScope();
            var ids = torch.tensor(work.Ids, [work.Rows, work.Length]);
            var labels = torch.nn.functional.pad(ids, (0, 1), value: NextToken.Ignored)[.., 1..].reshape(-1);
            var logits = model.Logits(model.Hidden(ids)).to(torch.ScalarType.Float32);
            var loss = torch.nn.functional.cross_entropy(logits.view(-1, logits.size(2)), labels, ignore_index: NextToken.Ignored);
            loss.backward();
            adam.Step(work.Rate);
            foreach (var tensor in tensors)
                tensor.Value.grad = null;
            return loss.ToDouble();
        };
    }

    private static long[] Generate(CausalLm model, SideWork work, int count) =>
        Generator.Generate(model, [work.Ids], new() { MaxNewTokens = count, EosTokenIds = [] })[0].Tokens;
}
