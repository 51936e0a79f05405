namespace Bft.Research.Models;

/// <summary>Cosines and sines of the rotary angles, computed in float64 and kept in the dtype of the model; grows with the largest position asked for.</summary>
/// <remarks>Component i of a head turns with component i + width/2. With x rolled by half the width, the
/// rotation is x·cos + rolled·sin, where sin is negative in the first half.</remarks>
internal sealed class RotaryTable(CausalLmConfig config, torch.ScalarType dtype, torch.Device device) : IDisposable
{
    private readonly double[] _frequencies = config.Rotary.InverseFrequencies(config.HeadDim);
    private Tensor? _cos, _sin;
    private long _rows;

    /// <summary>[positions, head width] cosines, then signed sines, for at least so many positions; owned by the table.</summary>
    public (Tensor Cos, Tensor Sin) Rows(long positions)
    {
        if (positions <= _rows && _cos is not null && _sin is not null)
            return (_cos, _sin);
        Dispose();
        _rows = Math.Max(256, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)positions));
        _cos = Make(Math.Cos, 1);
        _sin = Make(Math.Sin, -1);
        return (_cos, _sin);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cos?.Dispose();
        _sin?.Dispose();
    }

    private Tensor Make(Func<double, double> function, int signOfFirstHalf)
    {
        var half = _frequencies.Length;
        var values = new double[_rows * 2 * half];
        for (var position = 0; position < _rows; position++)
        {
            for (var i = 0; i < half; i++)
            {
                var value = function(position * _frequencies[i]) * config.Rotary.AttentionScaling;
                values[position * 2 * half + i] = signOfFirstHalf * value;
                values[position * 2 * half + half + i] = value;
            }
        }

        using var lasting = torch.inference_mode(false); // a table made during inference must serve training too
        using var scope = torch.NewDisposeScope();
        return torch.tensor(values, [_rows, 2 * half]).to(dtype).to(device).DetachFromDisposeScope();
    }
}
