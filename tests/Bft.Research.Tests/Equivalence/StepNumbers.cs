using Bft.Research.Training;
using static Bft.Research.Tests.Training.TinyModel;

namespace Bft.Research.Tests.Equivalence;

/// <summary>What one way to compute a step comes to.</summary>
/// <param name="Losses">Part of every sample in the loss (nats), by name; or the losses of the steps of a run.</param>
/// <param name="Gradients">Gradient of every tensor that trains, by name.</param>
internal sealed record StepNumbers(IReadOnlyDictionary<string, double> Losses, IReadOnlyDictionary<string, double[]> Gradients)
{
    public static StepNumbers Of(IReadOnlyDictionary<string, double> losses, Trainer trainer) =>
        new(losses, trainer.Tensors.ToDictionary(tensor => tensor.Name, tensor => Doubles(tensor.Gradient!)));

    /// <summary>How far these are from true ones.</summary>
    public Agreement With(StepNumbers truth)
    {
        Assert.Equal(truth.Gradients.Keys.Order(StringComparer.Ordinal), Gradients.Keys.Order(StringComparer.Ordinal));
        double[] losses = [.. truth.Losses.Keys.Select(name => Losses.GetValueOrDefault(name))];
        return new(
            Deviation.Of([([.. truth.Losses.Values], losses)]),
            Deviation.Of([.. truth.Gradients.Select(tensor => (tensor.Value, Gradients[tensor.Key]))]));
    }
}

/// <summary>How far losses and gradients are from true ones.</summary>
internal sealed record Agreement(Deviation Losses, Deviation Gradients)
{
    /// <summary>The larger of each number.</summary>
    public Agreement Or(Agreement? other) => other is null ? this : new(Losses.Or(other.Losses), Gradients.Or(other.Gradients));

    /// <summary>Whether all four numbers keep to those of a bound.</summary>
    public bool Within(Agreement bound) => Losses.Within(bound.Losses) && Gradients.Within(bound.Gradients);
}
