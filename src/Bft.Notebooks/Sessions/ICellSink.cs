namespace Bft.Notebooks.Sessions;

/// <summary>The front end of a running cell.</summary>
public interface ICellSink
{
    /// <summary>Takes the next output.</summary>
    void Receive(CellOutput output);

    /// <summary>Asks the reader for a line of text; null when this front end cannot ask.</summary>
    /// <param name="prompt">Shown before the input; may be empty.</param>
    /// <param name="secret">True when the input must not be shown.</param>
    string? Read(string prompt, bool secret);
}
