namespace Bft.Figures

/// <summary>How positions on an axis are spaced.</summary>
type Scale =
    /// <summary>Equal steps are equal distances.</summary>
    | Linear
    /// <summary>Equal ratios are equal distances; all positions must be above 0.</summary>
    | Log
    /// <summary>Positions mean nothing to the reader: no ticks, no title.</summary>
    | Unscaled

/// <summary>One axis of a panel.</summary>
type Axis =
    { /// <summary>Name and unit, for example <c>loss (nats per token)</c>. May be empty only where <see cref="P:Bft.Figures.Axis.Ticks"/> names the positions.</summary>
      Title: string
      /// <summary>Spacing.</summary>
      Scale: Scale
      /// <summary>Named positions, for categories; empty: ticks are chosen from the range.</summary>
      Ticks: (float * string)[]
      /// <summary>Smallest and largest position shown; <c>ValueNone</c>: from the data.</summary>
      Range: (float * float) voption }

/// <summary>A line through points; NaN leaves a gap.</summary>
type Line =
    { /// <summary>Entry of the legend; lines of the same name share it.</summary>
      Name: string
      /// <summary>Colour by number in the palette; −1 is grey.</summary>
      Ink: int
      /// <summary>[n] positions along x.</summary>
      X: float[]
      /// <summary>[n] positions along y.</summary>
      Y: float[]
      /// <summary>True: dashed.</summary>
      Dashed: bool
      /// <summary>True: a marker on each point, of a shape that belongs to the ink.</summary>
      Markers: bool
      /// <summary>One text a point that interactive forms show above its numbers; may be empty.</summary>
      Hover: string[] }

/// <summary>A filled band between two edges, usually around the line of the same name.</summary>
type Band =
    { /// <summary>Name of the line it belongs to.</summary>
      Name: string
      /// <summary>Colour by number in the palette; −1 is grey.</summary>
      Ink: int
      /// <summary>[n] positions along x.</summary>
      X: float[]
      /// <summary>[n] lower edge; NaN parts the band.</summary>
      Low: float[]
      /// <summary>[n] upper edge.</summary>
      High: float[] }

/// <summary>Points with optional error bars.</summary>
type Points =
    { /// <summary>Entry of the legend.</summary>
      Name: string
      /// <summary>Colour and shape by number in the palette; −1 is grey.</summary>
      Ink: int
      /// <summary>[n] positions along x.</summary>
      X: float[]
      /// <summary>[n] positions along y.</summary>
      Y: float[]
      /// <summary>Lower ends of the error bars, as positions; empty: none. NaN: none for that point.</summary>
      Low: float[]
      /// <summary>Upper ends of the error bars.</summary>
      High: float[]
      /// <summary>True: error bars run along x; false: along y.</summary>
      Across: bool
      /// <summary>One text a point that interactive forms show above its numbers; may be empty.</summary>
      Hover: string[] }

/// <summary>Upright bars from 0, with optional error bars.</summary>
type Bars =
    { /// <summary>Entry of the legend.</summary>
      Name: string
      /// <summary>Colour by number in the palette; −1 is grey.</summary>
      Ink: int
      /// <summary>Middle of each bar.</summary>
      X: float[]
      /// <summary>Width of every bar, in units of x.</summary>
      Width: float
      /// <summary>[n] heights.</summary>
      Y: float[]
      /// <summary>Lower ends of the error bars; empty: none. NaN: none for that bar.</summary>
      Low: float[]
      /// <summary>Upper ends of the error bars.</summary>
      High: float[] }

/// <summary>A grid of coloured cells of width and height 1, with a text in each.</summary>
type Cells =
    { /// <summary>Middle of each column.</summary>
      X: float[]
      /// <summary>Middle of each row.</summary>
      Y: float[]
      /// <summary>Values by row (y), then column (x); NaN is left blank.</summary>
      Values: float[][]
      /// <summary>What is written in each cell; may be empty texts.</summary>
      Texts: string[][] }

/// <summary>Boxes of unequal width in rows, coloured by value: the tokens of a text.</summary>
type Strip =
    { /// <summary>[n] left edges along x.</summary>
      Left: float[]
      /// <summary>[n] widths.</summary>
      Width: float[]
      /// <summary>[n] middles along y; rows are 1 apart.</summary>
      Row: float[]
      /// <summary>[n] values that become colours.</summary>
      Values: float[]
      /// <summary>[n] what is written in the boxes.</summary>
      Texts: string[]
      /// <summary>[n] texts that interactive forms show above the value.</summary>
      Hover: string[] }

/// <summary>What is drawn in a panel.</summary>
type Mark =
    | Line of Line
    | Band of Band
    | Points of Points
    | Bars of Bars
    | Cells of Cells
    | Strip of Strip
    /// <summary>A grey region over the whole height: from, to.</summary>
    | Shade of from: float * until: float
    /// <summary>A thin dashed line over the whole panel: position, upright or level, label.</summary>
    | Rule of at: float * upright: bool * label: string

/// <summary>One pair of axes and what is drawn on them.</summary>
type Panel =
    { /// <summary>Heading; empty for a figure of one panel.</summary>
      Title: string
      /// <summary>Horizontal axis.</summary>
      X: Axis
      /// <summary>Vertical axis.</summary>
      Y: Axis
      /// <summary>What is drawn, first below.</summary>
      Marks: Mark[] }

/// <summary>How values become colours.</summary>
type ColorScale =
    { /// <summary>Name and unit of the values.</summary>
      Title: string
      /// <summary>Value of the first colour; lower values take it too.</summary>
      Low: float
      /// <summary>Value of the last colour; higher values take it too.</summary>
      High: float
      /// <summary>True: two hues that meet in the middle of the range; false: light to dark.</summary>
      Diverging: bool }

/// <summary>A whole figure, free of any way to draw it.</summary>
type Plot =
    { /// <summary>Heading.</summary>
      Title: string
      /// <summary>The finding, in a sentence or two.</summary>
      Caption: string
      /// <summary>What a reader who cannot see the figure is told.</summary>
      AltText: string
      /// <summary>Panels, row by row.</summary>
      Panels: Panel[]
      /// <summary>Panels side by side.</summary>
      Columns: int
      /// <summary>Scale of all cells and strips; demanded where there are any.</summary>
      Colors: ColorScale voption
      /// <summary>Height of one panel's drawing area in pixels at a figure width of 760.</summary>
      PanelHeight: float }
