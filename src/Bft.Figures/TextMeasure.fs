namespace Bft.Figures

open System
open System.Globalization
open System.Text

/// Widths of text without a font at hand, and texts that are safe in XML.
module internal TextMeasure =
    let private narrow = " .,:;'|!ijl()[]/"
    let private slim = "frtI-\"*"
    let private wide = "mwMW@%—"

    let private widthOf (character: char) =
        if narrow.Contains character then 0.3
        elif slim.Contains character then 0.38
        elif wide.Contains character then 0.86
        elif Char.IsUpper character then 0.69
        elif character > '\u2E7F' then 1.0
        else 0.56

    /// Estimated width in pixels in a sans-serif face of this size; a little above the real one.
    let width size (text: string) = size * Seq.sumBy widthOf text

    /// Lines no wider than `limit` pixels, broken at spaces; a word that is wider stands alone.
    let wrap size limit (text: string) =
        let lines = ResizeArray<string>()
        let line = StringBuilder()
        for word in text.Split([| ' '; '\n' |], StringSplitOptions.RemoveEmptyEntries) do
            if line.Length > 0 && width size (line.ToString()) + size * 0.3 + width size word > limit then
                lines.Add(line.ToString())
                line.Clear() |> ignore
            if line.Length > 0 then line.Append ' ' |> ignore
            line.Append word |> ignore
        if line.Length > 0 then lines.Add(line.ToString())
        lines.ToArray()

    /// The text with characters that XML forbids (control characters, halves of surrogate pairs) shown as a replacement character.
    let clean (text: string) =
        let result = StringBuilder(text.Length)
        let mutable i = 0
        while i < text.Length do
            if Char.IsSurrogate text[i] then
                if i + 1 < text.Length && Char.IsSurrogatePair(text[i], text[i + 1]) then
                    result.Append(text[i]).Append(text[i + 1]) |> ignore
                    i <- i + 1
                else result.Append '\uFFFD' |> ignore
            elif Char.IsControl text[i] || text[i] >= '\uFFFE' then result.Append '\uFFFD' |> ignore
            else result.Append text[i] |> ignore
            i <- i + 1
        result.ToString()

    /// A token as a reader should see it: line ends and tabs as signs, the rest cleaned.
    let token (text: string) = clean (text.Replace("\r\n", "⏎").Replace('\n', '⏎').Replace('\t', '⇥'))

    /// Number of cells that the text takes in a fixed-width face.
    let cells (text: string) = StringInfo(text).LengthInTextElements
