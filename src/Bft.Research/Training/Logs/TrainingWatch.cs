using Bft.Research.Data;
using Bft.Research.Models;

namespace Bft.Research.Training;

/// <summary>Measures what is due after a step, remembers the best, and says when a run is over.</summary>
internal sealed class TrainingWatch(CausalLm model, TrainerOptions options, TrainingTask task)
{
    /// <summary>Measures what is due after the steps of a state, unless that was done already.</summary>
    /// <returns>The state with what was found. When cancelled the given one stands, and all is measured again.</returns>
    public TrainingState Look(TrainingState state, CancellationToken cancellationToken)
    {
        if (state.Settled >= state.Steps)
            return state;
        var last = state.Steps >= task.Plan.Steps;
        var evaluation = state.Steps > 0 && (last || Due(state.Steps, options.EvaluateEvery));
        var forgetting = state.GeneralStart is null || last || (options.Stopping.ForgettingEvery > 0 ? Due(state.Steps, options.Stopping.ForgettingEvery) : evaluation);
        if (evaluation && task.HeldOut.Count > 0 && (task.Evaluations is not null || task.Checkpoints is not null || options.Stopping.Patience is not null))
            state = Judge(state, Measure(task.HeldOut, state, cancellationToken));
        if (evaluation)
            task.Evaluate?.Invoke();
        if (forgetting && task.General.Count > 0)
            state = Remember(state, Measure(task.General, state, cancellationToken));
        return state with { Settled = state.Steps };
    }

    /// <summary>Why the run is over, or null.</summary>
    public EndReason? End(TrainingState state) =>
        state.Steps >= task.Plan.Steps ? EndReason.Completed
        : options.Stopping.MaxForgetting is { } most && state.GeneralChange > most ? EndReason.Forgetting
        : options.Stopping.Patience is { } patience && state.EvaluationsWithoutGain >= patience ? EndReason.NoGain
        : state.Steps >= task.StopAfter ? EndReason.Paused
        : null;

    /// <summary>Whether a checkpoint is due: by number of steps, or because this is the best so far.</summary>
    public bool WantsCheckpoint(TrainingState state) =>
        state.Steps > 0 && (Due(state.Steps, options.Checkpoints.Every) || state.BestStep == state.Steps);

    private TrainingState Judge(TrainingState state, EvaluationReport report)
    {
        task.Evaluations?.Report(report);
        var merit = report.Merit(options.Stopping.Metric);
        var gained = double.IsFinite(merit) && (state.BestMerit is not { } best || merit > best + options.Stopping.MinimumGain);
        return gained
            ? state with { BestStep = state.Steps, BestMerit = merit, EvaluationsWithoutGain = 0 }
            : state with { EvaluationsWithoutGain = state.EvaluationsWithoutGain + 1 };
    }

    private TrainingState Remember(TrainingState state, EvaluationReport report)
    {
        var start = state.GeneralStart ?? report.MeanNll;
        var change = report.MeanNll - start;
        task.Evaluations?.Report(report with { Set = EvaluationSet.General, NllChange = change });
        return state with { GeneralStart = start, GeneralChange = change };
    }

    private EvaluationReport Measure(IReadOnlyList<TokenBatch> batches, TrainingState state, CancellationToken cancellationToken) =>
        HeldOut.Measure(model, batches, state.Steps, options.Head, cancellationToken);

    private static bool Due(int steps, int every) => every > 0 && steps % every == 0;
}
