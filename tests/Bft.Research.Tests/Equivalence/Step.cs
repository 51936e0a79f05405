using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Models.Gradients;
using Bft.Research.Objectives;
using Bft.Research.Training;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Equivalence;

/// <summary>Ways to compute one step over <see cref="Layouts.Samples"/>.</summary>
internal static class Step
{
    private static readonly Dictionary<(Setting, LoraOptions?), StepNumbers> s_plain = [];

    /// <summary>The oracle: float64, every sample alone and without padding, all logits, autograd. It shares the forward of blocks and the weighting with the trainer, and nothing else.</summary>
    public static StepNumbers Plain(Setting setting, LoraOptions? lora = null)
    {
        lock (s_plain)
        {
            if (!s_plain.TryGetValue((setting, lora), out var numbers))
                s_plain[(setting, lora)] = numbers = Graph(setting, Layouts.Alone(), lora);
            return numbers;
        }
    }

    /// <summary>All logits and autograd in float64 over given micro-batches.</summary>
    /// <param name="setting">Objective, and dtype to which weights are rounded first.</param>
    /// <param name="batches">Micro-batches of the step.</param>
    /// <param name="lora">What trains; null for every weight.</param>
    /// <param name="logits">Changes the logits of a micro-batch; null leaves them.</param>
    /// <param name="loss">Turns logits into loss and losses of samples; null is the objective with constant weights.</param>
    public static StepNumbers Graph(
        Setting setting, IReadOnlyList<TokenBatch> batches, LoraOptions? lora = null, Func<Tensor, TokenBatch, Tensor>? logits = null, Func<Tensor, TokenBatch, BatchTotals, Tensor>? loss = null)
    {
        using var scope = torch.NewDisposeScope();
        using var model = setting.Model(wide: true);
        using var adapter = lora is null ? null : Setting.Adapter(model, lora);
        var trained = adapter?.Parameters ?? model.Parameters;
        foreach (var (_, value) in trained)
            value.requires_grad = true;
        adapter?.StartDropout(0, 0);
        var losses = AddGraph(model, batches, setting.Objective, logits, loss);
        return new(losses, trained.ToDictionary(p => p.Name, p => Doubles(p.Value.grad!)));
    }

    /// <summary>Adds the gradients of a model that is there, by all logits and autograd; gives the losses.</summary>
    public static Dictionary<string, double> AddGraph(
        CausalLm model, IReadOnlyList<TokenBatch> batches, ObjectiveOptions objective, Func<Tensor, TokenBatch, Tensor>? logits = null, Func<Tensor, TokenBatch, BatchTotals, Tensor>? loss = null)
    {
        Dictionary<string, double> losses = [];
        var totals = Trainer.Totals(batches);
        foreach (var batch in batches)
        {
            var all = model.Logits(model.Hidden(batch));
            all = logits?.Invoke(all, batch) ?? all;
            var (sum, weighting) = FullLogits.Loss(all, batch.Scored, Objective.Create(objective), totals);
            (loss?.Invoke(all, batch, totals) ?? sum).backward();
            AddLosses(losses, batch, weighting, LogProbs(all, batch));
        }

        return losses;
    }

    /// <summary>What the trainer accumulates in the dtype of the setting.</summary>
    /// <param name="setting">Objective and dtype.</param>
    /// <param name="batches">Micro-batches of the step.</param>
    /// <param name="change">Options beside the objective.</param>
    /// <param name="totals">Denominators of a micro-batch; null for those of the step.</param>
    /// <param name="repeats">How often the step is accumulated without zeroing; more than 1 is wrong.</param>
    /// <param name="tied">Whether head and embedding share a table.</param>
    public static StepNumbers Trained(
        Setting setting, IReadOnlyList<TokenBatch> batches, Func<TrainerOptions, TrainerOptions>? change = null, Func<TokenBatch, BatchTotals>? totals = null, int repeats = 1,
        bool tied = true)
    {
        var options = new TrainerOptions { Lora = null, Objective = setting.Objective };
        options = change?.Invoke(options) ?? options;
        using var model = setting.Model(wide: false, tied);
        using var adapter = options.Lora is null ? null : Setting.Adapter(model, options.Lora);
        using var trainer = new Trainer(model, options, adapter);
        Dictionary<string, double> losses = [];
        trainer.Observe = (batch, result) => AddLosses(losses, batch, result.Weighting, result.LogProbs);
        for (var i = 0; i < repeats; i++)
        {
            if (totals is null)
                trainer.Accumulate(batches);
            else
                foreach (var batch in batches)
                    trainer.Accumulate([batch], totals(batch));
        }

        return StepNumbers.Of(losses, trainer);
    }

    /// <summary>One micro-batch forward and back by hand, with another dropout on the way back when that is not the first.</summary>
    public static StepNumbers Passed(Setting setting, TokenBatch batch, LoraOptions lora, bool checkpointing, int dropoutOnTheWayBack)
    {
        using var scope = torch.NewDisposeScope();
        using var model = setting.Model(wide: false);
        using var adapter = Setting.Adapter(model, lora);
        using var trainer = new Trainer(model, new() { Lora = lora, Objective = setting.Objective }, adapter);
        using var work = GradientWorkspace.For(model);
        adapter.StartDropout(0, 0);
        using var pass = TrainingPass.Run(model, batch, checkpointing, work);
        var result = model.HeadBackward(pass.Hidden, batch.Scored, Objective.Create(setting.Objective), Trainer.Totals([batch]));
        adapter.StartDropout(0, dropoutOnTheWayBack);
        pass.Backward(result.GradHidden);
        adapter.StopDropout();
        Dictionary<string, double> losses = [];
        AddLosses(losses, batch, result.Weighting, result.LogProbs);
        return StepNumbers.Of(losses, trainer);
    }

    private static double[] LogProbs(Tensor logits, TokenBatch batch)
    {
        var rows = logits.detach().log_softmax(2).reshape(-1, logits.shape[2]).index_select(0, torch.tensor(batch.Scored.Positions));
        return Doubles(rows.gather(1, torch.tensor(batch.Scored.Targets).unsqueeze(1)).squeeze(1));
    }

    private static void AddLosses(Dictionary<string, double> losses, TokenBatch batch, Weighting weighting, double[] logProbs)
    {
        for (var sample = 0; sample < batch.Scored.Samples; sample++)
        {
            var name = sample < batch.SampleNames.Count ? batch.SampleNames[sample] : "?";
            for (var t = batch.Scored.Starts[sample]; t < batch.Scored.Starts[sample + 1]; t++)
                losses[name] = losses.GetValueOrDefault(name) - weighting.Coefficients[t] * logProbs[t];
        }
    }
}
