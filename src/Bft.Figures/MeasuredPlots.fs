namespace Bft.Figures

open System
open Bft.Results
open PlotParts

/// Plots of curves, bars, dots with intervals, histograms and grids.
module internal MeasuredPlots =
    let private agreed what (labels: string[]) =
        match Array.distinct labels with
        | [| one |] -> one
        | several -> invalidArg "curves" $"""All curves of a figure share the {what} axis; got {String.Join(", ", several |> Array.map (fun label -> $"'{label}'"))}."""

    let lines (curves: Curve[]) logX logY markers marksAt =
        if curves.Length = 0 then invalidArg (nameof curves) "A figure of curves needs at least one."
        match curves |> Array.collect (fun curve -> Seq.toArray (curve.Validate())) with
        | [||] -> ()
        | problems -> invalidArg (nameof curves) (String.Join(" ", problems))
        let inks = Inks.assign (curves |> Array.map _.Name)
        let bands = curves |> Array.choose (fun curve ->
                match curve.Low, curve.High with
                | null, _ | _, null -> None
                | low, high -> Some(Band { Name = curve.Name; Ink = inks[curve.Name]; X = curve.X; Low = low; High = high }))
        let strokes = [| for curve in curves -> Line { Name = curve.Name; Ink = inks[curve.Name]; X = curve.X; Y = curve.Y; Dashed = false; Markers = markers; Hover = [||] } |]
        let scale isLog = if isLog then Log else Linear
        [| { Panel.Title = ""
             X = { axis (agreed "x" (curves |> Array.map _.XLabel)) with Scale = scale logX }
             Y = { axis (agreed "y" (curves |> Array.map _.YLabel)) with Scale = scale logY }
             Marks = Array.concat [ bands; marksAt; strokes ] } |]

    /// Labels, groups, and the values of a group with their label's number.
    let private grouped (values: Measured[]) =
        let labels, groups = values |> Array.map _.Label |> Array.distinct, values |> Array.map _.Group |> Array.distinct
        let duplicate = values |> Array.countBy (fun value -> value.Label, value.Group) |> Array.tryFind (fun (_, count) -> count > 1)
        match duplicate with
        | Some((label, group), count) -> invalidArg (nameof values) $"'{label}' has {count} values in series '{group}', expected one."
        | None -> ()
        labels, groups, fun group -> values |> Array.filter (fun value -> value.Group = group) |> Array.map (fun value -> Array.IndexOf(labels, value.Label), value)

    let bars xTitle yTitle values reference referenceLabel =
        let labels, groups, members = grouped values
        let inks = Inks.assign groups
        let width = 0.8 / float groups.Length
        let one index group =
            let places, own = members group |> Array.unzip
            let low, high = ends own
            Bars { Name = group; Ink = inks[group]; X = places |> Array.map (fun place -> float place + dodge groups.Length width index); Width = width * 0.92; Y = own |> Array.map _.Value; Low = low; High = high }
        [| { Panel.Title = ""; X = named xTitle labels; Y = axis yTitle; Marks = Array.append (Array.mapi one groups) (rule false reference referenceLabel) } |]

    let forest xTitle values logScale reference referenceLabel =
        let labels, groups, members = grouped values
        let inks = Inks.assign groups
        let step = min 0.26 (0.8 / float groups.Length)
        let one index group =
            let places, own = members group |> Array.unzip
            let low, high = ends own
            Points { Name = group; Ink = inks[group]; X = own |> Array.map _.Value; Y = places |> Array.map (fun place -> -(float place + dodge groups.Length step index)); Low = low; High = high; Across = true; Hover = [||] }
        let y = { axis "" with Ticks = labels |> Array.mapi (fun i label -> -(float i), label) }
        let rowHeight = max 26.0 (15.0 * float groups.Length + 10.0)
        let x = { axis xTitle with Scale = (if logScale then Log else Linear) }
        [| { Panel.Title = ""; X = x; Y = y; Marks = Array.append (rule true reference referenceLabel) (Array.mapi one groups) } |], max 90.0 (rowHeight * float labels.Length + 16.0)

    /// Shares of the values in bins of equal width, drawn as steps.
    let histogram xTitle yTitle (samples: Sample[]) bins =
        let all = samples |> Array.collect _.Values |> Array.filter Double.IsFinite
        if all.Length = 0 then invalidArg (nameof samples) "A histogram needs at least one finite value."
        if bins < 1 then invalidArg (nameof bins) $"A histogram needs at least one bin; got {bins}."
        let low, high = Array.min all, Array.max all
        let high = if high > low then high else low + 1.0
        let width = (high - low) / float bins
        let inks = Inks.assign (samples |> Array.map _.Name)
        let one (sample: Sample) =
            let values = sample.Values |> Array.filter Double.IsFinite
            let counts = Array.zeroCreate<float> bins
            for value in values do
                let bin = min (bins - 1) (int ((value - low) / width))
                counts[bin] <- counts[bin] + 1.0 / float values.Length
            let edges = [| for bin in 0 .. bins - 1 do low + width * float bin; low + width * float (bin + 1) |]
            let heights = counts |> Array.collect (fun share -> [| share; share |])
            [| Band { Name = sample.Name; Ink = inks[sample.Name]; X = edges; Low = Array.zeroCreate edges.Length; High = heights }
               Line { Name = sample.Name; Ink = inks[sample.Name]; X = edges; Y = heights; Dashed = false; Markers = false; Hover = [||] } |]
        [| { Panel.Title = ""; X = axis xTitle; Y = axis yTitle; Marks = Array.collect one samples } |]

    let heatMap xTitle yTitle (columns: string[]) (rows: string[]) (values: float[][]) =
        let texts = values |> Array.map (Array.map (fun value -> if Double.IsFinite value then NumberText.Significant(value, 3) else ""))
        let y = { axis yTitle with Ticks = rows |> Array.mapi (fun i label -> -(float i), label) }
        let cells = { X = Array.init columns.Length float; Y = Array.init rows.Length (fun i -> -(float i)); Values = values; Texts = texts }
        [| { Panel.Title = ""; X = named xTitle columns; Y = y; Marks = [| Cells cells |] } |]
