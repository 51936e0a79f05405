namespace Bft.Figures

open System
open System.Globalization
open System.Text.Json
open System.Text.RegularExpressions
open Bft.Results

/// Why a chart is not drawn.
exception internal NotDrawn of reason: string

/// Where the values of an axis lie: numbers at themselves, names side by side.
type internal Places = { Names: string[] }
    with
    member places.Of(value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.Number when places.Names.Length = 0 -> value.GetDouble()
        | JsonValueKind.Null -> nan
        | JsonValueKind.String when places.Names.Length = 0 -> Double.Parse(string value, CultureInfo.InvariantCulture) // also "NaN"
        | _ -> float (Array.IndexOf(places.Names, string value))

/// Reads the Plotly JSON of a chart that another library made, for the kinds that can be drawn alike; all else is refused with the reason.
module internal ForeignChart =
    let private refuse reason = raise (NotDrawn reason)

    /// The value at a path of names.
    let rec private at (path: string list) (json: JsonElement) =
        match path with
        | [] -> Some json
        | name :: rest when json.ValueKind = JsonValueKind.Object ->
            match json.TryGetProperty name with
            | true, value when value.ValueKind <> JsonValueKind.Null -> at rest value
            | _ -> None
        | _ -> None

    let private items path json = match at path json with Some list when list.ValueKind = JsonValueKind.Array -> [| for item in list.EnumerateArray() -> item |] | _ -> [||]

    /// A text without the markup that Plotly reads in it.
    let private text path json =
        match at path json with
        | Some value when value.ValueKind = JsonValueKind.String -> Regex.Replace(string value, "<[^>]*>", " ").Trim()
        | _ -> ""

    let private title path json = match text (path @ [ "title"; "text" ]) json with "" -> text (path @ [ "title" ]) json | found -> found

    let private most = 60

    let private places (values: JsonElement seq) =
        let isName (value: JsonElement) = value.ValueKind = JsonValueKind.String && not (Double.TryParse(string value, NumberStyles.Float, CultureInfo.InvariantCulture, ref 0.0))
        if not (Seq.exists isName values) then { Names = [||] }
        else
            let names = values |> Seq.map string |> Seq.distinct |> Seq.toArray
            if names.Length > most then refuse $"{names.Length} names or dates on one axis"
            { Names = names }

    let private axis name (places: Places) (layout: JsonElement) : Axis =
        let given = text [ name; "type" ] layout
        if text [ name; "autorange" ] layout = "reversed" then refuse "an axis that runs backwards"
        { Title = title [ name ] layout
          Scale = if given = "log" then Log else Linear
          Ticks = places.Names |> Array.mapi (fun i label -> float i, label)
          Range =
            match items [ name; "range" ] layout with
            | [| low; high |] when given <> "log" && places.Names.Length = 0 && low.ValueKind = JsonValueKind.Number && high.ValueKind = JsonValueKind.Number ->
                ValueSome(low.GetDouble(), high.GetDouble())
            | _ -> ValueNone }

    let private withoutBars json = for name in [ "error_x"; "error_y" ] do if Option.isSome (at [ name; "array" ] json) then refuse "error bars"

    let private scatter (x: float[]) (y: float[]) ink name (json: JsonElement) =
        withoutBars json
        if Option.isSome (at [ "stackgroup" ] json) then refuse "stacked areas"
        let area =
            match text [ "fill" ] json with
            | "" | "none" -> []
            | "tozeroy" -> [ Band { Name = name; Ink = ink; X = x; Low = Array.map (fun value -> if Double.IsNaN value then nan else 0.0) y; High = y } ]
            | other -> refuse $"the filling '{other}'"
        let mode = match text [ "mode" ] json with "" -> (if x.Length < 20 then "lines+markers" else "lines") | mode -> mode
        if mode.Contains "text" then refuse "texts at points"
        area
        @ if mode.Contains "lines" then
              [ Line { Name = name; Ink = ink; X = x; Y = y; Dashed = List.contains (text [ "line"; "dash" ] json) [ "dash"; "dot"; "dashdot"; "longdash" ]; Markers = mode.Contains "markers"; Hover = [||] } ]
          else [ Points { Name = name; Ink = ink; X = x; Y = y; Low = [||]; High = [||]; Across = false; Hover = [||] } ]

    let private bars (x: float[]) (y: float[]) ink (number, count) name (json: JsonElement) =
        withoutBars json
        for field in [ "base"; "offset"; "width" ] do if Option.isSome (at [ field ] json) then refuse $"bars with '{field}'"
        let distance = match x |> Array.filter Double.IsFinite |> Array.distinct |> Array.sort |> Array.pairwise with [||] -> 1.0 | pairs -> pairs |> Array.map (fun (a, b) -> b - a) |> Array.min
        let width = 0.8 * distance / float count
        [ Bars { Name = name; Ink = ink; X = x |> Array.map (fun place -> place + width * (float number - float (count - 1) / 2.0)); Width = width; Y = y; Low = [||]; High = [||] } ]

    let private kind json = match text [ "type" ] json with "" -> "scatter" | kind -> kind

    /// Curves and bars on one pair of axes.
    let private curves (traces: JsonElement[]) (layout: JsonElement) =
        let indices count = [| for i in 0 .. count - 1 -> JsonSerializer.SerializeToElement i |]
        let values = traces |> Array.map (fun trace -> (let y = items [ "y" ] trace in (match items [ "x" ] trace with [||] -> indices y.Length | x -> x), y))
        if values |> Array.exists (fun (x, y) -> x.Length <> y.Length || x.Length = 0) then refuse "traces without x and y of one length"
        let x, y = places (Seq.collect fst values), places (Seq.collect snd values)
        let areBars = traces |> Array.filter (fun trace -> kind trace = "bar")
        if areBars.Length > 1 && not (List.contains (text [ "barmode" ] layout) [ ""; "group" ]) then refuse "bars upon bars"
        if areBars |> Array.exists (fun trace -> text [ "orientation" ] trace = "h") then refuse "bars across"
        let mark i (trace: JsonElement, (xs: JsonElement[], ys: JsonElement[])) =
            let xs, ys = Array.map x.Of xs, Array.map y.Of ys
            if not (Array.exists2 (fun x y -> Double.IsFinite x && Double.IsFinite y) xs ys) then refuse "a trace without a finite point"
            let name = match text [ "name" ] trace with "" -> (if traces.Length > 1 then $"trace {i}" else "") | name -> name
            if kind trace = "bar" then bars xs ys i (Array.IndexOf(areBars, trace), areBars.Length) name trace else scatter xs ys i name trace
        let marks = Array.zip traces values |> Array.mapi mark |> List.concat |> List.toArray
        { Title = ""; X = axis "xaxis" x layout; Y = axis "yaxis" y layout; Marks = marks }, ValueNone

    let private heatmap (trace: JsonElement) (layout: JsonElement) =
        let rows = items [ "z" ] trace |> Array.map (fun row -> [| for value in row.EnumerateArray() -> { Names = [||] }.Of value |])
        if rows.Length = 0 || rows |> Array.exists (fun row -> row.Length <> rows[0].Length || row.Length = 0) then refuse "a heat map whose rows differ in length"
        let names path count = match items path trace with [||] -> [| for i in 0 .. count - 1 -> string i |] | given -> Array.map string given
        let x, y = names [ "x" ] rows[0].Length, names [ "y" ] rows.Length
        if max x.Length y.Length > most then refuse $"a heat map of {x.Length} × {y.Length} cells"
        let values = Array.concat rows |> Array.filter Double.IsFinite
        if values.Length = 0 then refuse "a heat map without a finite value"
        let named (names: string[]) = { Names = names }
        let cells = Cells { X = Array.init x.Length float; Y = Array.init y.Length float; Values = rows; Texts = rows |> Array.map (Array.map (fun _ -> "")) }
        let low, high = Array.min values, Array.max values
        { Title = ""; X = axis "xaxis" (named x) layout; Y = axis "yaxis" (named y) layout; Marks = [| cells |] },
        ValueSome { Title = (match title [ "colorbar" ] trace with "" -> "value" | name -> name); Low = low; High = (if high > low then high else low + 1.0); Diverging = false }

    /// Kinds and names of the traces, in words.
    let describe (root: JsonElement) =
        let traces = items [ "data" ] root
        let kinds = traces |> Array.countBy kind |> Array.map (fun (kind, count) -> if count = 1 then kind else $"{count} × {kind}") |> String.concat ", "
        let named = traces |> Array.map (text [ "name" ]) |> Array.filter ((<>) "") |> String.concat ", "
        let heading = match title [ "layout" ] root with "" -> "Chart" | heading -> heading
        heading, (if named = "" then $"{heading} ({kinds})" else $"{heading} ({kinds}: {named})")

    /// The plot of a chart.
    let read (root: JsonElement) : Plot =
        let layout = at [ "layout" ] root |> Option.defaultWith (fun () -> JsonSerializer.SerializeToElement {| |})
        let traces = items [ "data" ] root |> Array.filter (fun trace -> match at [ "visible" ] trace with Some shown -> shown.ValueKind = JsonValueKind.True | None -> true)
        if traces.Length = 0 then refuse "a chart without traces"
        for trace in traces do
            for side in [ "x"; "y" ] do if not (List.contains (text [ side + "axis" ] trace) [ ""; side ]) then refuse "several pairs of axes"
            if not (List.contains (kind trace) [ "scatter"; "scattergl"; "bar"; "heatmap" ]) then refuse $"the kind '{kind trace}'"
        let panel, colors =
            match traces with
            | [| one |] when kind one = "heatmap" -> heatmap one layout
            | many when many |> Array.exists (fun trace -> kind trace = "heatmap") -> refuse "a heat map among other traces"
            | many -> curves many layout
        let left = [ for name in [ "annotations"; "shapes"; "images" ] do if (items [ name ] layout).Length > 0 then name ]
        let heading, alt = describe root
        { Title = (if title [ "layout" ] root = "" then "" else heading)
          Caption = (if left.IsEmpty then "" else $"""Drawn without its {String.concat " and " left}.""")
          AltText = alt; Panels = [| panel |]; Columns = 1; Colors = colors; PanelHeight = 300.0 }
