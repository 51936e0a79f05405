namespace Bft.Figures

/// <summary>Rules that every figure obeys.</summary>
module internal PlotRules =
    let private hasUnit (title: string) = title.TrimEnd().EndsWith ')' && title.Contains '('

    let private axis where (axis: Axis) =
        [ if axis.Scale <> Unscaled && axis.Ticks.Length = 0 && not (hasUnit axis.Title) then
              $"{where} needs a title with its unit in parentheses, for example 'loss (nats per token)' or 'accuracy (share)'; got '{axis.Title}'."
          match axis.Range with
          | ValueSome(low, high) when not (low < high) -> $"{where}: range needs low < high; got {low}, {high}."
          | _ -> () ]

    let private lengths name expected (parts: (string * int) list) =
        [ for part, actual in parts do
              if actual <> expected then
                  $"{name}: {part} has {actual} values, expected {expected}." ]

    let private optional part (values: 'a[]) = if values.Length = 0 then [] else [ part, values.Length ]

    let private bounds name (low: float[]) (high: float[]) =
        [ if low.Length = high.Length then
              for i in 0 .. low.Length - 1 do
                  if low[i] > high[i] then
                      $"{name}: interval {i} has low {low[i]} above high {high[i]}." ]

    let private mark where mark =
        match mark with
        | Line line -> lengths $"{where}, line '{line.Name}'" line.X.Length ([ "Y", line.Y.Length ] @ optional "Hover" line.Hover)
        | Band band ->
            let name = $"{where}, band '{band.Name}'"
            lengths name band.X.Length [ "Low", band.Low.Length; "High", band.High.Length ] @ bounds name band.Low band.High
        | Points points ->
            let name = $"{where}, points '{points.Name}'"
            let parts = [ "Y", points.Y.Length ] @ optional "Low" points.Low @ optional "High" points.High @ optional "Hover" points.Hover
            lengths name points.X.Length parts @ bounds name points.Low points.High
        | Bars bars ->
            let name = $"{where}, bars '{bars.Name}'"
            let parts = [ "Y", bars.Y.Length ] @ optional "Low" bars.Low @ optional "High" bars.High
            lengths name bars.X.Length parts @ bounds name bars.Low bars.High
        | Cells cells ->
            lengths $"{where}, cells" cells.Y.Length [ "Values", cells.Values.Length; "Texts", cells.Texts.Length ]
            @ [ for row in cells.Values do yield! lengths $"{where}, row of cells" cells.X.Length [ "Values", row.Length ]
                for row in cells.Texts do yield! lengths $"{where}, row of cells" cells.X.Length [ "Texts", row.Length ] ]
        | Strip strip ->
            lengths $"{where}, strip" strip.Left.Length [ "Width", strip.Width.Length; "Row", strip.Row.Length; "Values", strip.Values.Length; "Texts", strip.Texts.Length; "Hover", strip.Hover.Length ]
        | Shade(from, until) -> [ if not (from <= until) then $"{where}: shade from {from} to {until}." ]
        | Rule _ -> []

    /// What a mark says, for the rule that something finite is shown and nothing infinite is hidden.
    let private values = function
        | Line line -> line.Y
        | Band band -> Array.append band.Low band.High
        | Points points -> Array.append points.X points.Y
        | Bars bars -> bars.Y
        | Cells cells -> Array.concat cells.Values
        | Strip strip -> strip.Values
        | Shade _ | Rule _ -> [||]

    let private finiteness where (marks: Mark[]) =
        let all = marks |> Array.collect values
        [ if not (Array.exists System.Double.IsFinite all) then $"There is no finite value to draw in {where}."
          if Array.exists System.Double.IsInfinity all then $"There is an infinite value in {where}; only ends of error bars may be infinite." ]

    let private needsColors = function
        | Cells _ | Strip _ -> true
        | _ -> false

    /// All that is wrong with a plot; empty when nothing is.
    let problems (plot: Plot) =
        let required name (text: string) = [ if System.String.IsNullOrWhiteSpace text then $"The figure needs {name}." ]
        [ yield! required "a title" plot.Title
          yield! required "a caption that states the finding" plot.Caption
          yield! required "an alternative text" plot.AltText
          if plot.Panels.Length = 0 then "The figure needs at least one panel."
          if plot.Columns < 1 then $"Columns is {plot.Columns}, expected at least 1."
          for i, panel in Array.indexed plot.Panels do
              let where = if plot.Panels.Length = 1 then "the panel" else $"panel {i + 1} '{panel.Title}'"
              if plot.Panels.Length > 1 then yield! required $"a title for panel {i + 1}" panel.Title
              yield! axis $"The x axis of {where}" panel.X
              yield! axis $"The y axis of {where}" panel.Y
              yield! finiteness where panel.Marks
              for one in panel.Marks do yield! mark where one
              if plot.Colors.IsNone && Array.exists needsColors panel.Marks then $"{where} colours by value, so the figure needs a colour scale."
          match plot.Colors with
          | ValueSome colors ->
              if not (hasUnit colors.Title) then $"The colour scale needs a title with its unit in parentheses; got '{colors.Title}'."
              if not (colors.Low < colors.High) then $"The colour scale needs low < high; got {colors.Low}, {colors.High}."
          | ValueNone -> () ]
