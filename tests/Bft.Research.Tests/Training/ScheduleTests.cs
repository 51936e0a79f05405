using Bft.Research.Runs;
using Bft.Research.Training;

namespace Bft.Research.Tests.Training;

/// <summary>Schedules beside the reference values: formulas worked out by hand at several steps, the numbers of a shape, their names in transformers, and a resumption.</summary>
public class ScheduleTests
{
    private const string Run = "model: m\ndata: a.jsonl\noutput: o\nlearning_rate: 2\n";

    [Fact]
    public void The_inverse_square_root_halves_after_three_time_scales()
    {
        LearningRateSchedule schedule = new() { Kind = ScheduleKind.InverseSquareRoot, Peak = 6, WarmupSteps = 4, TotalSteps = 40 };
        Rates(schedule, (0, 0), (2, 3), (4, 6), (8, 6 / Math.Sqrt(2)), (16, 3), (36, 2)); // at step k it is 6·√(4/k)
        Rates(schedule with { WarmupSteps = 0 }, (0, 6), (30_000, 3), (80_000, 2)); // without warm-up over 10,000 steps
        Rates(schedule with { WarmupSteps = 1, Shape = new() { Timescale = 9 } }, (1, 6), (28, 3), (73, 2)); // 6·√(9/(k − 1 + 9))
        Assert.NotEqual(schedule.At(16), 6 / Math.Sqrt(16), 1e-3); // the wrong variant: not joined to the end of warm-up
    }

    [Fact]
    public void Warm_up_stable_decay_rises_stays_falls_and_stays_low()
    {
        LearningRateSchedule schedule = new() { Kind = ScheduleKind.WarmupStableDecay, Peak = 2, WarmupSteps = 2, TotalSteps = 10, Shape = new() { StableSteps = 3, DecaySteps = 4, MinimumRatio = 0.1 } };
        // 2·(0.9·p + 0.1): p = 0, ½ up; 1 for steps 2 to 5; (1 + cos(π/4))/2, ½, (1 − cos(π/4))/2 down; then 0
        Rates(schedule, (0, 0.2), (1, 1.1), (2, 2), (4, 2), (5, 2), (6, 0.2 + 1.8 * (2 + Math.Sqrt(2)) / 4), (7, 1.1), (8, 0.2 + 1.8 * (2 - Math.Sqrt(2)) / 4), (9, 0.2), (90, 0.2));
        ScheduleShape free = new() { DecaySteps = 4 };
        Rates(schedule with { Shape = free }, (0, 0), (1, 1), (2, 2), (6, 2), (8, 1), (10, 0)); // what is left over is stable: 4 steps
        Rates(schedule with { Shape = free with { DecayShape = RampShape.Linear } }, (6, 2), (7, 1.5), (8, 1), (9, 0.5), (10, 0));
        Rates(schedule with { Shape = free with { DecayShape = RampShape.OneMinusRoot } }, (6, 2), (7, 1), (8, 2 - Math.Sqrt(2)), (10, 0));
        Rates(schedule with { WarmupSteps = 4, Shape = free with { WarmupShape = RampShape.Cosine } }, (0, 0), (1, 2 * (2 - Math.Sqrt(2)) / 4), (2, 1), (4, 2));
        Rates(schedule with { WarmupSteps = 4, Shape = free with { WarmupShape = RampShape.OneMinusRoot } }, (0, 0), (1, 2 - Math.Sqrt(3)), (4, 2));
        Rates(schedule with { Shape = free with { Cycles = 1 } }, (6, 2), (7, 1), (8, 0), (9, 1)); // a whole wave
        Assert.NotEqual(2 * 0.5, schedule.At(1)); // the wrong variant: warm-up that starts below the minimum
        Assert.NotEqual(schedule.At(8), (schedule with { Shape = schedule.Shape with { StableSteps = 1 } }).At(8), 1e-3); // the wrong variant: stable steps that count warm-up
    }

    [Fact]
    public void A_cosine_ends_at_its_minimum_and_one_of_them_is_a_step_ahead()
    {
        LearningRateSchedule schedule = new() { Kind = ScheduleKind.CosineWithMinimum, Peak = 2, WarmupSteps = 2, TotalSteps = 10, Shape = new() { MinimumRate = 0.4 } };
        Rates(schedule, (0, 0), (1, 1), (2, 2), (4, 0.4 + 1.6 * (2 + Math.Sqrt(2)) / 4), (6, 1.2), (10, 0.4));
        Rates(schedule with { Shape = new() { MinimumRatio = 0.2, Cycles = 1 } }, (2, 2), (4, 1.2), (6, 0.4), (10, 2));
        var ahead = schedule with { Kind = ScheduleKind.CosineWarmupWithMinimum };
        Rates(ahead, (0, 1), (1, 2), (3, 0.4 + 1.6 * (2 + Math.Sqrt(2)) / 4), (5, 1.2), (9, 0.4));
        Rates(ahead with { WarmupSteps = 4, Shape = new() { MinimumRatio = 0, WarmupStartRatio = 0.1 } }, (0, 0.2), (1, 0.8), (2, 1.4), (3, 2), (6, 1), (9, 0));
        Assert.NotEqual(schedule.At(5), ahead.At(5), 1e-3); // the wrong variant: one for the other
    }

    [Fact]
    public void Names_of_transformers_give_its_schedules()
    {
        var read = RunFile.Parse(Run + "lr_scheduler_type: warmup_stable_decay\nwarmup_steps: 2\nlr_scheduler_kwargs: {num_stable_steps: 3, num_decay_steps: 4, decay_type: 1-sqrt, warmup_type: cosine, min_lr_ratio: 0.5}", "run.yaml").Trainer;
        Rates(read.ScheduleOver(9), (0, 1), (1, 1.5), (2, 2), (6, 1.5), (7, 2 - Math.Sqrt(0.5)), (9, 1));
        read = RunFile.Parse(Run + "lr_scheduler_type: cosine_with_min_lr\nwarmup_ratio: 0\nlr_scheduler_kwargs: '{\"min_lr\": 0.4}'", "run.yaml").Trainer; // as text in JSON, too
        Rates(read.ScheduleOver(8), (0, 2), (4, 1.2), (8, 0.4));
        Wrong("lr_scheduler_type: cosine_with_min_lr", "ScheduleShape.MinimumRate: expected it or MinimumRatio beside CosineWithMinimum, actual none");
        Wrong("lr_scheduler_type: warmup_stable_decay", "ScheduleShape.DecaySteps: expected a whole number beside WarmupStableDecay, actual none");
        Wrong("lr_scheduler_type: cosine\nlr_scheduler_kwargs: {power: 2}", "ScheduleShape.Power: expected nothing beside Cosine (Polynomial read it), actual 2");
        Wrong("lr_scheduler_type: polynomial\nlr_scheduler_kwargs: {lr_end: 3}", "ScheduleShape.FinalRate: expected a number below the learning rate 2, actual 3");
        Wrong("lr_scheduler_type: cosine_with_min_lr\nlr_scheduler_kwargs: {min_lr: 0.1, min_lr_rate: 0.1}", "MinimumRate: expected nothing beside MinimumRatio, actual 0.1");
        Wrong("lr_scheduler_kwargs: {min_lr_rat: 0.1}", "run.yaml:5: lr_scheduler_kwargs.min_lr_rat: there is no such option; the nearest is 'min_lr_rat");
        Wrong("lr_scheduler_kwargs: steep", "run.yaml:5: lr_scheduler_kwargs: expected an object of names and values, actual 'steep'");
        var longer = new TrainerOptions { Schedule = ScheduleKind.WarmupStableDecay, WarmupSteps = 3, ScheduleShape = new() { DecaySteps = 8 } };
        Assert.Contains("ScheduleShape.DecaySteps: expected at most 7, the 10 steps of the run without 3 of warm-up, actual 8", Assert.Throws<ArgumentException>(() => longer.ScheduleOver(10)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resumed_run_keeps_its_schedule_and_another_is_refused()
    {
        TrainerOptions options = new()
        {
            Lora = new() { Rank = 2 },
            LearningRate = 0.04,
            Accumulation = 4,
            Epochs = 4,
            WarmupSteps = 2,
            Schedule = ScheduleKind.WarmupStableDecay,
            ScheduleShape = new() { DecaySteps = 4, DecayShape = RampShape.Linear },
            Checkpoints = new() { Every = 3 },
        };
        using TinyRun straight = new(options, torch.ScalarType.Float32), run = new(options, torch.ScalarType.Float32);
        straight.Start();
        run.Cancelled(22); // in step 6, the second of the decay
        Assert.Contains("option scheduleShape.decaySteps: expected 4, actual 2", Assert.Throws<ResumeRefusedException>(() => run.Resume(options with { ScheduleShape = options.ScheduleShape with { DecaySteps = 2 } })).Message);
        run.Resume();
        Assert.Equal([0, 0.02, 0.04, 0.04, 0.04, 0.03, 0.02, 0.01], run.Steps.Select(step => step.LearningRate), (a, b) => Math.Abs(a - b) < 1e-15);
        Assert.Equal(straight.Bytes(), run.Bytes());
    }

    private static void Rates(LearningRateSchedule schedule, params (int Step, double Rate)[] expected) =>
        Assert.All(expected, each => Assert.Equal(each.Rate, schedule.At(each.Step), 1e-14));

    private static void Wrong(string lines, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => RunFile.Parse(Run + lines, "run.yaml")).Message, StringComparison.Ordinal);
}
