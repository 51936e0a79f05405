namespace Bft.Figures

/// <summary>Whether a picture is drawn for a light or a dark page.</summary>
type Theme =
    /// <summary>Light, and dark where the reader's system or the page around the picture is dark.</summary>
    | Auto = 0
    /// <summary>Always light: for print and for slides.</summary>
    | Light = 1
    /// <summary>Always dark.</summary>
    | Dark = 2
