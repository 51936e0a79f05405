namespace Bft.Figures

open System

/// Colours that colour-blind readers can tell apart.
module internal Palette =
    /// Okabe and Ito's colours in the order in which series take them; their yellow comes last because it is faint on white.
    let private inks = [| "#0072B2"; "#D55E00"; "#009E73"; "#CC79A7"; "#E69F00"; "#56B4E9"; "#7A6A00"; "#000000" |]

    /// Grey of reference lines, single seeds and "other".
    let grey = "#7F7F7F"

    /// Colour of text and axes.
    let text = "#1F2328"

    /// Colour of captions and ticks' labels.
    let softText = "#4A5158"

    /// Colour of grid lines.
    let grid = "#E4E7EB"

    let ink index = if index < 0 then grey else inks[index % inks.Length]

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

    let private fraction (scale: ColorScale) value = (value - scale.Low) / (scale.High - scale.Low)

    /// Colour of a value; out of range takes the end's colour, NaN is white.
    let color (scale: ColorScale) value = if Double.IsNaN value then "#FFFFFF" else hex (at scale.Diverging (fraction scale value))

    /// Black or white, whichever is legible on the colour of the value.
    let contrast (scale: ColorScale) value =
        if Double.IsNaN value then text
        else
            let r, g, b = at scale.Diverging (fraction scale value)
            if 0.299 * float r + 0.587 * float g + 0.114 * float b > 140.0 then text else "#FFFFFF"

    /// Fractions and colours of a scale's stops.
    let stopsOf (scale: ColorScale) =
        let colors = stops scale.Diverging
        colors |> Array.mapi (fun i color -> float i / float (colors.Length - 1), hex color)
