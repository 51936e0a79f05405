using Bft.Notebooks.Engine;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Cells;

/// <summary>A value that a cell has shown; what <c>display</c> returns in cells.</summary>
public sealed class ShownValue
{
    private readonly string[] _mimeTypes;

    private ShownValue(string[] mimeTypes) => _mimeTypes = mimeTypes;

    /// <summary>Identifies the output within the session.</summary>
    public string DisplayId { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Shows a value in the cell that the calling code belongs to; nowhere when that has ended.</summary>
    /// <param name="value">Formatted as a value that a cell ends with.</param>
    /// <param name="mimeTypes">The formats wanted; none for those that the type prefers.</param>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public static ShownValue Show(object? value, params string[] mimeTypes)
    {
        var shown = new ShownValue(mimeTypes);
        if (CellScope.Current is { } cell)
            cell.Show(new DisplayOutput(DisplayBundle.Of(value, mimeTypes, cell.Complain), shown.DisplayId));
        return shown;
    }

    /// <summary>Puts another value in the place of the shown one, also from a later cell.</summary>
    /// <param name="value">As in <see cref="Show"/>.</param>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    public void Update(object? value)
    {
        if (CellScope.Current is { } cell)
            cell.Show(new UpdateOutput(DisplayBundle.Of(value, _mimeTypes, cell.Complain), DisplayId));
    }
}
