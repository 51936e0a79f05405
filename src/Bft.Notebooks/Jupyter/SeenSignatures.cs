namespace Bft.Notebooks.Jupyter;

/// <summary>The signatures of the last messages, so that one that is sent again does nothing, as in the reference client's own check.</summary>
internal sealed class SeenSignatures
{
    private const int Kept = 1 << 16;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _signatures = [];
    private readonly Queue<string> _order = [];

    /// <summary>Takes note of a signature; false when it was there already.</summary>
    public bool Add(byte[] signature)
    {
        var text = Convert.ToBase64String(Convert.FromHexString(System.Text.Encoding.ASCII.GetString(signature)).AsSpan(0, 16)); // half of it tells them apart
        lock (_gate)
        {
            if (!_signatures.Add(text))
                return false;
            _order.Enqueue(text);
            if (_order.Count > Kept)
                _signatures.Remove(_order.Dequeue());
            return true;
        }
    }
}
