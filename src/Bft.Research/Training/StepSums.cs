using Bft.Research.Data;
using Bft.Research.Models;
using Bft.Research.Numerics;
using Bft.Research.Objectives;

namespace Bft.Research.Training;

/// <summary>Sums over the micro-batches of a step, and the report made of them.</summary>
internal sealed class StepSums(TrainingFlops flops)
{
    private readonly List<double> _sequenceWeights = [];
    private FlopCount _flops;
    private double _weightMass, _endMass, _endNll;
    private long _realTokens, _paddedTokens, _lowConfidence, _ends;

    /// <summary>Loss of the step (nats).</summary>
    public double Loss { get; private set; }

    /// <summary>Sum of −log p (nats).</summary>
    public double Nll { get; private set; }

    /// <summary>Supervised tokens.</summary>
    public long Tokens { get; private set; }

    /// <summary>Adds a micro-batch that went through the model.</summary>
    public void Add(TokenBatch batch, LmHeadResult result)
    {
        var lowest = Math.Log(StepReport.LowConfidence);
        Loss += result.Weighting.Loss;
        Tokens += batch.Scored.Count;
        Nll -= result.LogProbs.Sum();
        _lowConfidence += result.LogProbs.LongCount(logProb => logProb < lowest);
        _weightMass += result.Weighting.Coefficients.Sum();
        AddEnds(batch.Scored, result);
        _realTokens += batch.RealTokens();
        _paddedTokens += batch.InputIds.Length;
        _flops += flops.Of(batch);
        for (var i = 0; i < batch.Scored.Samples; i++)
            if (batch.Scored.Starts[i + 1] > batch.Scored.Starts[i])
                _sequenceWeights.Add(result.Weighting.SequenceWeights[i]);
    }

    private void AddEnds(ScoredPositions scored, LmHeadResult result)
    {
        for (var i = 0; i < scored.Ends?.Length; i++)
        {
            if (!scored.Ends[i])
                continue;
            _ends++;
            _endMass += result.Weighting.Coefficients[i];
            _endNll -= result.LogProbs[i];
        }
    }

    /// <summary>The report, as far as the sums know it: without times and memory.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    /// <param name="learningRate">Its learning rate.</param>
    /// <param name="norm">Its gradient norm before clipping.</param>
    /// <param name="largestNorm">What the norm was clipped to.</param>
    public StepReport ToReport(int step, double learningRate, double norm, double largestNorm) => new()
    {
        Step = step,
        Loss = Loss,
        MeanNll = Nll / Tokens,
        SupervisedTokens = Tokens,
        RealTokens = _realTokens,
        PaddedTokens = _paddedTokens,
        LowConfidenceShare = (double)_lowConfidence / Tokens,
        GradientNorm = norm,
        LargestGradientNorm = norm,
        ClippedSteps = GradientClip.Factor(norm, largestNorm) < 1 ? 1 : 0,
        LearningRate = learningRate,
        WeightMass = _weightMass,
        EndTokens = _ends,
        EndWeightMass = _endMass,
        EndNll = _ends > 0 ? _endNll / _ends : null,
        Samples = _sequenceWeights.Count,
        SequenceWeightMean = _sequenceWeights.Average(),
        SequenceWeights = FiveNumbers.Of(_sequenceWeights),
        SequenceWeightValues = _sequenceWeights,
        ModelFlops = _flops.Model,
        HardwareFlops = _flops.Hardware,
        PeakMemoryBytes = 0,
    };
}
