namespace Bft.Research.Models;

/// <summary>Cosines and sines of the rotary angles, computed in float64 and kept in the dtype of the model; grows with the largest position asked for.</summary>
internal sealed class RotaryTable(CausalLmConfig config, torch.ScalarType dtype, torch.Device device) : IDisposable
{
    private readonly double[] _frequencies = config.Rotary.InverseFrequencies(config.HeadDim);
    private Tensor? _cos, _sin;
    private long _rows;

    /// <summary>[positions, head width / 2] cosines, then sines, for at least so many positions; owned by the table.</summary>
    public (Tensor Cos, Tensor Sin) Rows(long positions)
    {
        if (positions <= _rows && _cos is not null && _sin is not null)
            return (_cos, _sin);
        Dispose();
        _rows = Math.Max(256, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)positions));
        _cos = Make(Math.Cos);
        _sin = Make(Math.Sin);
        return (_cos, _sin);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cos?.Dispose();
        _sin?.Dispose();
    }

    private Tensor Make(Func<double, double> function)
    {
        var values = new double[_rows * _frequencies.Length];
        for (long at = 0; at < values.Length; at++)
            values[at] = function(at / _frequencies.Length * _frequencies[at % _frequencies.Length]) * config.Rotary.AttentionScaling;
        using var lasting = torch.inference_mode(false); // a table made during inference must serve training too
        using var scope = torch.NewDisposeScope();
        return torch.tensor(values, [_rows, _frequencies.Length]).to(dtype).to(device).DetachFromDisposeScope();
    }
}
