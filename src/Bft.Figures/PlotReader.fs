namespace Bft.Figures

open System
open System.Text.Json

/// Reads what PlotJson wrote.
module internal PlotReader =
    let private has (name: string) (json: JsonElement) = fst (json.TryGetProperty name)

    let private text (name: string) (json: JsonElement) =
        match (json.GetProperty name).GetString() with
        | null -> ""
        | content -> content

    let private number (json: JsonElement) = if json.ValueKind = JsonValueKind.Null then nan else json.GetDouble()

    let private list (one: JsonElement -> 'a) (json: JsonElement) = [| for item in json.EnumerateArray() -> one item |]

    let private string (json: JsonElement) = match json.GetString() with | null -> "" | content -> content

    let private numbers (name: string) json = if has name json then list number (json.GetProperty name) else [||]

    let private texts (name: string) json = if has name json then list string (json.GetProperty name) else [||]

    let private flag (name: string) json = has name json && (json.GetProperty name).GetBoolean()

    let private axis (json: JsonElement) : Axis =
        { Title = text "title" json
          Scale = (if not (has "scale" json) then Linear else (match text "scale" json with "log" -> Log | _ -> Unscaled))
          Ticks = (if has "ticks" json then list (fun tick -> number tick[0], string tick[1]) (json.GetProperty "ticks") else [||])
          Range = (match numbers "range" json with [| low; high |] -> ValueSome(low, high) | _ -> ValueNone) }

    let private strip (first: Strip option) json =
        let texts' = texts "texts" json
        match first with
        | Some other when not (has "left" json) -> { other with Values = numbers "values" json }
        | _ ->
            { Left = numbers "left" json; Width = numbers "width" json; Row = numbers "row" json; Values = numbers "values" json; Texts = texts'
              Hover = (if has "hover" json then texts "hover" json else texts') }

    /// One mark, with the positions that the next may share, and the strip.
    let private mark (shared: float[], first: Strip option) json =
        let name () = text "name" json
        let ink () = (json.GetProperty "ink").GetInt32()
        let x = if has "x" json then numbers "x" json else shared
        let values = fun field -> numbers field json
        match text "kind" json with
        | "line" ->
            Line { Name = name (); Ink = ink (); X = x; Y = values "y"; Dashed = flag "dashed" json; Markers = flag "markers" json; Hover = texts "hover" json }, (x, first)
        | "band" -> Band { Name = name (); Ink = ink (); X = x; Low = values "low"; High = values "high" }, (x, first)
        | "points" ->
            Points { Name = name (); Ink = ink (); X = x; Y = values "y"; Low = values "low"; High = values "high"; Across = flag "across" json; Hover = texts "hover" json }, (shared, first)
        | "bars" -> Bars { Name = name (); Ink = ink (); X = x; Width = number (json.GetProperty "width"); Y = values "y"; Low = values "low"; High = values "high" }, (shared, first)
        | "cells" ->
            Cells { X = x; Y = values "y"; Values = list (list number) (json.GetProperty "values"); Texts = list (list string) (json.GetProperty "texts") }, (shared, first)
        | "strip" -> (let one = strip first json in Strip one, (shared, Some(defaultArg first one)))
        | "shade" -> Shade(number (json.GetProperty "from"), number (json.GetProperty "until")), (shared, first)
        | "rule" -> Rule(number (json.GetProperty "at"), flag "upright" json, text "label" json), (shared, first)
        | other -> raise (FormatException $"There is no mark of the kind '{other}'.")

    let private panel first (json: JsonElement) : Panel * Strip option =
        let marks, (_, first) = list id (json.GetProperty "marks") |> Array.mapFold mark ([||], first)
        { Title = text "title" json; X = axis (json.GetProperty "x"); Y = axis (json.GetProperty "y"); Marks = marks }, first

    /// The plot; an error names what is missing.
    let read (json: string) : Plot =
        use document = JsonDocument.Parse json
        let root = document.RootElement
        let schema = text "schema" root
        if schema <> PlotJson.schema then raise (FormatException $"A figure's data: expected schema '{PlotJson.schema}', got '{schema}'.")
        let colors: ColorScale voption =
            if not (has "colors" root) then ValueNone
            else
                let json = root.GetProperty "colors"
                ValueSome { Title = text "title" json; Low = number (json.GetProperty "low"); High = number (json.GetProperty "high"); Diverging = flag "diverging" json }
        { Title = text "title" root
          Caption = text "caption" root
          AltText = text "alt" root
          Panels = list id (root.GetProperty "panels") |> Array.mapFold panel None |> fst
          Columns = (root.GetProperty "columns").GetInt32()
          Colors = colors
          PanelHeight = number (root.GetProperty "height") }
