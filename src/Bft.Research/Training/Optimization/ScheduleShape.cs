namespace Bft.Research.Training;

/// <summary>Numbers of a <see cref="ScheduleKind"/>; null for its own. One that the kind does not read is a problem, not ignored.</summary>
/// <remarks>They are the keyword arguments of the functions behind transformers' <c>get_scheduler</c>, under which <c>lr_scheduler_kwargs</c> gives them in a run file.</remarks>
public sealed record ScheduleShape
{
    /// <summary>Lowest rate; in [0, peak]. <c>min_lr</c>; not beside <see cref="MinimumRatio"/>.</summary>
    public double? MinimumRate { get; init; }

    /// <summary>Lowest rate as a part of the peak; in [0, 1]. <c>min_lr_rate</c>, of warm-up–stable–decay <c>min_lr_ratio</c> (there 0 unless given).</summary>
    public double? MinimumRatio { get; init; }

    /// <summary>Waves of a cosine (½, half a wave, unless given), or restarts of <see cref="ScheduleKind.CosineWithRestarts"/> (1). <c>num_cycles</c>.</summary>
    public double? Cycles { get; init; }

    /// <summary>Exponent of <see cref="ScheduleKind.Polynomial"/>, 1 unless given. <c>power</c>.</summary>
    public double? Power { get; init; }

    /// <summary>Last rate of <see cref="ScheduleKind.Polynomial"/>, 1e-7 unless given; below the peak. <c>lr_end</c>.</summary>
    public double? FinalRate { get; init; }

    /// <summary>τ of <see cref="ScheduleKind.InverseSquareRoot"/> in steps; unless given the steps of warm-up, or 10,000 without warm-up. <c>timescale</c>.</summary>
    public int? Timescale { get; init; }

    /// <summary>Steps at the peak; unless given what warm-up and decay leave of the run. <c>num_stable_steps</c>.</summary>
    public int? StableSteps { get; init; }

    /// <summary>Steps of the fall; <see cref="ScheduleKind.WarmupStableDecay"/> needs them. <c>num_decay_steps</c>.</summary>
    public int? DecaySteps { get; init; }

    /// <summary>How warm-up rises, straight unless given. <c>warmup_type</c>.</summary>
    public RampShape? WarmupShape { get; init; }

    /// <summary>How the decay falls, as a cosine unless given. <c>decay_type</c>.</summary>
    public RampShape? DecayShape { get; init; }

    /// <summary>Part of the peak at the first step of <see cref="ScheduleKind.CosineWarmupWithMinimum"/>, in [0, 1]; unless given one over the steps of warm-up. <c>warmup_lr_rate</c>.</summary>
    public double? WarmupStartRatio { get; init; }

    /// <summary>All problems, each naming the option, the allowed and the actual value; empty when there are none.</summary>
    /// <param name="kind">The schedule.</param>
    /// <param name="peak">Rate at the end of warm-up.</param>
    public IReadOnlyList<string> Validate(ScheduleKind kind, double peak)
    {
        List<string> problems = [];
        void Check(object? value, string name, bool good, string expected, params ScheduleKind[] readers)
        {
            if (value is not null && !readers.Contains(kind))
                problems.Add($"{name}: expected nothing beside {kind} ({string.Join(", ", readers)} read it), actual {value}");
            else if (value is not null && !good)
                problems.Add($"{name}: expected {expected}, actual {value}");
        }

        Check(MinimumRate, nameof(MinimumRate), MinimumRate >= 0 && MinimumRate <= peak, $"a number in [0, {peak}]", s_withMinimum);
        Check(MinimumRatio, nameof(MinimumRatio), MinimumRatio is >= 0 and <= 1, "a number in [0, 1]", s_withMinimum);
        Check(Cycles, nameof(Cycles), Cycles > 0 && double.IsFinite(Cycles.Value), "a finite number above 0", [ScheduleKind.Cosine, ScheduleKind.CosineWithRestarts, .. s_withMinimum]);
        Check(Power, nameof(Power), Power >= 0 && double.IsFinite(Power.Value), "a finite number of at least 0", ScheduleKind.Polynomial);
        Check(FinalRate, nameof(FinalRate), FinalRate >= 0, "a number of at least 0", ScheduleKind.Polynomial);
        Check(Timescale, nameof(Timescale), Timescale >= 1, "a whole number above 0", ScheduleKind.InverseSquareRoot);
        Check(StableSteps, nameof(StableSteps), StableSteps >= 0, "a whole number of at least 0", ScheduleKind.WarmupStableDecay);
        Check(DecaySteps, nameof(DecaySteps), DecaySteps >= 0, "a whole number of at least 0", ScheduleKind.WarmupStableDecay);
        Check(WarmupShape, nameof(WarmupShape), WarmupShape is { } rise && Enum.IsDefined(rise), "a shape", ScheduleKind.WarmupStableDecay);
        Check(DecayShape, nameof(DecayShape), DecayShape is { } fall && Enum.IsDefined(fall), "a shape", ScheduleKind.WarmupStableDecay);
        Check(WarmupStartRatio, nameof(WarmupStartRatio), WarmupStartRatio is >= 0 and <= 1, "a number in [0, 1]", ScheduleKind.CosineWarmupWithMinimum);
        problems.AddRange(Together(kind, peak));
        return problems;
    }

    private IEnumerable<string> Together(ScheduleKind kind, double peak)
    {
        if (MinimumRate is not null && MinimumRatio is not null)
            yield return $"{nameof(MinimumRate)}: expected nothing beside {nameof(MinimumRatio)}, actual {MinimumRate}";
        if (kind is ScheduleKind.CosineWithMinimum or ScheduleKind.CosineWarmupWithMinimum && MinimumRate is null && MinimumRatio is null)
            yield return $"{nameof(MinimumRate)}: expected it or {nameof(MinimumRatio)} beside {kind}, actual none";
        if (kind == ScheduleKind.WarmupStableDecay && DecaySteps is null)
            yield return $"{nameof(DecaySteps)}: expected a whole number beside {kind}, actual none";
        if (kind == ScheduleKind.Polynomial && !((FinalRate ?? DefaultFinalRate) < peak))
            yield return $"{nameof(FinalRate)}: expected a number below the learning rate {peak}, actual {FinalRate ?? DefaultFinalRate}";
    }

    /// <summary>Last rate of a polynomial that names none.</summary>
    internal const double DefaultFinalRate = 1e-7;

    private static readonly ScheduleKind[] s_withMinimum = [ScheduleKind.CosineWithMinimum, ScheduleKind.CosineWarmupWithMinimum, ScheduleKind.WarmupStableDecay];
}
