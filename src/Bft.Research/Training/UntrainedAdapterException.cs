namespace Bft.Research.Training;

/// <summary>An adapter was to be saved as the result of training and changes nothing: B is all zero in every layer.</summary>
public sealed class UntrainedAdapterException : Exception
{
    internal UntrainedAdapterException(string folder, int layers, int steps)
        : base($"{folder}: adapter: expected an update after {steps} steps, actual none: B (of the embedding A) is all zero in all {layers} layers. "
            + "Is the learning rate zero, or is nothing supervised? To save an untrained start, allow it.")
    {
        Layers = layers;
        Steps = steps;
    }

    /// <summary>Number of layers, all without an update.</summary>
    public int Layers { get; }

    /// <summary>Optimiser steps behind.</summary>
    public int Steps { get; }
}
