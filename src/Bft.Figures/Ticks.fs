namespace Bft.Figures

open System
open Bft.Results

/// An axis whose range and ticks are settled.
type internal ScaledAxis =
    { Title: string
      Scale: Scale
      Low: float
      High: float
      Ticks: (float * string)[]
      Named: bool }

    /// Where a position lies between the ends: 0 at the low one, 1 at the high one.
    member axis.Fraction value =
        match axis.Scale with
        | Linear | Unscaled -> (value - axis.Low) / (axis.High - axis.Low)
        | Log -> (log value - log axis.Low) / (log axis.High - log axis.Low)

/// Chooses ranges and ticks.
module internal Ticks =
    /// Round positions inside a range, about `count` of them.
    let linear count low high =
        let rough = (high - low) / float count
        let power = 10.0 ** floor (log10 rough)
        let step = [ 1.0; 2.0; 2.5; 5.0; 10.0 ] |> List.map ((*) power) |> List.find (fun step -> step >= rough * 0.8)
        let decimals = max 0 (int (ceil (-(log10 step) + (if step / power = 2.5 then 1.0 else 0.0) - 1e-9)))
        [| for i in ceil (low / step - 1e-9) .. floor (high / step + 1e-9) ->
               let value = NumberText.Round(i * step, 12)
               value, (if decimals <= 6 && abs value < 1e6 then NumberText.Fixed(value, decimals) else NumberText.Significant value) |]

    /// Powers of ten inside a range, with 2 and 5 between them where there is room.
    let log count low high =
        let exponents = [ floor (log10 low) .. ceil (log10 high) ]
        let candidates factors = [| for exponent in exponents do for factor in factors -> factor * 10.0 ** exponent |] |> Array.filter (fun value -> value >= low * 0.9999 && value <= high * 1.0001)
        let tens = candidates [ 1.0 ]
        let chosen = if tens.Length >= 3 then tens else candidates [ 1.0; 2.0; 5.0 ]
        let stride = max 1 (int (ceil (float chosen.Length / float (count + 2))))
        [| for i in 0 .. stride .. chosen.Length - 1 -> chosen[i], NumberText.Significant chosen[i] |]

    let private positions upright mark =
        let finite = Array.filter Double.IsFinite
        match mark with
        | Line line -> finite (if upright then line.Y else line.X)
        | Band band -> if upright then finite (Array.append band.Low band.High) else finite band.X
        | Points points ->
            let ends = if points.Across = upright then [||] else Array.append points.Low points.High
            finite (Array.append (if upright then points.Y else points.X) ends)
        | Bars bars when upright -> finite (Array.concat [ [| 0.0 |]; bars.Y; bars.Low; bars.High ])
        | Bars bars -> bars.X |> Array.collect (fun x -> [| x - bars.Width / 2.0; x + bars.Width / 2.0 |])
        | Cells cells -> (if upright then cells.Y else cells.X) |> Array.collect (fun position -> [| position - 0.5; position + 0.5 |])
        | Strip strip when upright -> strip.Row |> Array.collect (fun row -> [| row - 0.5; row + 0.5 |])
        | Strip strip -> Array.append strip.Left (Array.map2 (+) strip.Left strip.Width)
        | Shade(from, until) -> if upright then [||] else [| from; until |]
        | Rule(at, isUpright, _) -> if isUpright = upright then [||] else [| at |]

    /// Ends of error bars as they can be drawn: an infinite one stops at the edge of the axis.
    let ends (axis: ScaledAxis) = Array.map (fun value -> if Double.IsPositiveInfinity value then axis.High elif Double.IsNegativeInfinity value then axis.Low else value)

    /// Marks that fill their range to the edge, so that no margin is added around them.
    let private tight = function
        | Cells _ | Strip _ -> true
        | _ -> false

    let private barsStandOnZero upright (marks: Mark[]) =
        upright && marks |> Array.exists (function Bars _ -> true | _ -> false)

    let private fromData upright (axis: Axis) marks =
        let values = marks |> Array.collect (positions upright)
        if values.Length = 0 then 0.0, 1.0
        else
            let low, high = Array.min values, Array.max values
            match axis.Scale with
            | Log ->
                if low <= 0.0 then invalidArg (nameof axis) $"The axis '{axis.Title}' is logarithmic, so all its positions must be above 0; found {low}."
                if low = high then low / 2.0, high * 2.0 else low / (high / low) ** 0.04, high * (high / low) ** 0.04
            | _ when low = high -> low - max 0.5 (abs low * 0.1), high + max 0.5 (abs high * 0.1)
            | _ when Array.exists tight marks -> low, high
            | _ when axis.Ticks.Length > 0 ->
                let ends = axis.Ticks |> Array.map fst
                min low (Array.min ends - 0.5), max high (Array.max ends + 0.5)
            | _ ->
                let margin = 0.04 * (high - low)
                (if barsStandOnZero upright marks && low = 0.0 then 0.0 else low - margin), (if barsStandOnZero upright marks && high = 0.0 then 0.0 else high + margin)

    /// Settles an axis for the marks on it.
    let settle upright count (axis: Axis) marks =
        let low, high = match axis.Range with ValueSome range -> range | ValueNone -> fromData upright axis marks
        let ticks =
            if axis.Ticks.Length > 0 then axis.Ticks
            else (match axis.Scale with Linear -> linear count low high | Log -> log count low high | Unscaled -> [||])
        { Title = axis.Title; Scale = axis.Scale; Low = low; High = high; Ticks = ticks; Named = axis.Ticks.Length > 0 }
