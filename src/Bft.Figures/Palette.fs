namespace Bft.Figures

open System

/// Colours that colour-blind readers can tell apart, on light and on dark ground.
module internal Palette =
    /// Okabe and Ito's colours in the order in which series take them, without their yellow, which is faint on white; beside each its counterpart on dark ground.
    let private inks =
        [| "#0072B2", "#3D8FE0"; "#D55E00", "#F0703A"; "#009E73", "#20C997"; "#CC79A7", "#E58AC8"; "#E69F00", "#F7D154"; "#56B4E9", "#A8DCFF"; "#5D2A72", "#A85058"; "#000000", "#FFFFFF" |]

    /// Grey of reference lines, single seeds and "other".
    let grey = "#6E6E6E"

    /// Colour of text and axes.
    let text = "#1F2328"

    /// Colour of captions and ticks' labels.
    let softText = "#4A5158"

    /// Colour of grid lines.
    let grid = "#E4E7EB"

    /// Colour of the ground.
    let ground = "#FFFFFF"

    /// The counterpart on dark ground of every colour that does not stand for a value.
    let dark = Map [ yield! inks; grey, "#80868E"; text, "#E6EAEE"; softText, "#B4BCC4"; grid, "#2C333B"; ground, "#15191E" ]

    /// The colours of series on light and on dark ground, with the grey.
    let series = Array.append inks [| grey, dark[grey] |]

    let ink index = if index < 0 then grey else fst inks[index % inks.Length]

    let private sequential = [| 247, 251, 255; 198, 219, 239; 107, 174, 214; 33, 113, 181; 8, 48, 107 |]
    let private diverging = [| 178, 88, 6; 241, 163, 64; 247, 247, 247; 103, 169, 207; 33, 102, 172 |]

    let private stops isDiverging = if isDiverging then diverging else sequential

    let private hex (r, g, b) = $"#%02X{r}%02X{g}%02X{b}"

    let private at isDiverging (fraction: float) =
        let colors = stops isDiverging
        let position = Math.Clamp(fraction, 0.0, 1.0) * float (colors.Length - 1)
        let below = min (int position) (colors.Length - 2)
        let part = position - float below
        let mix a b = int (Math.Round(float a + part * float (b - a)))
        let (r0, g0, b0), (r1, g1, b1) = colors[below], colors[below + 1]
        mix r0 r1, mix g0 g1, mix b0 b1

    /// Colours between the ends of a scale: more than an eye tells apart, few enough that boxes of one colour can be drawn together.
    let private steps = 64.0

    let private fraction (scale: ColorScale) value = Math.Round((value - scale.Low) / (scale.High - scale.Low) * steps) / steps

    /// Colour of a value; out of range takes the end's colour, NaN has none. Colours of values are the same on every ground.
    let color (scale: ColorScale) value = if Double.IsNaN value then "none" else hex (at scale.Diverging (fraction scale value))

    /// A dark or a light text, whichever is legible on the colour of the value. Both differ from the texts on the ground, which change with it.
    let contrast (scale: ColorScale) value =
        if Double.IsNaN value then text
        else
            let r, g, b = at scale.Diverging (fraction scale value)
            if 0.299 * float r + 0.587 * float g + 0.114 * float b > 140.0 then "#1F2329" else "#FFFFFE"

    /// Fractions and colours of a scale's stops.
    let stopsOf (scale: ColorScale) =
        let colors = stops scale.Diverging
        colors |> Array.mapi (fun i color -> float i / float (colors.Length - 1), hex color)
