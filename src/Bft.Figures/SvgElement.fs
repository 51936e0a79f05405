namespace Bft.Figures

open System
open System.Globalization
open System.Xml.Linq

/// Small pieces of SVG. Only presentation attributes are used: viewers that drop style sheets still draw them.
module internal SvgElement =
    let private ns = XNamespace.Get "http://www.w3.org/2000/svg"

    /// A coordinate with at most two decimals.
    let number (value: float) = (Math.Round(value, 2) + 0.0).ToString("0.##", CultureInfo.InvariantCulture)

    let element (name: string) (attributes: (string * string) list) (children: XElement list) =
        XElement(ns + name, [| for key, value in attributes -> box (XAttribute(XName.Get key, value)) |], children |> List.map box |> List.toArray)

    let group attributes children = element "g" attributes children

    /// How a text stands on its point.
    type Anchor = Start | Middle | End

    let private anchorName = function Start -> "start" | Middle -> "middle" | End -> "end"

    let textWith extra size color anchor x y (content: string) =
        let result = element "text" ([ "x", number x; "y", number y; "font-size", number size; "fill", color; "text-anchor", anchorName anchor ] @ extra) []
        result.Add(TextMeasure.clean content)
        result

    /// A text whose size and anchor stand on its group.
    let inherited color x y (content: string) extra =
        let result = element "text" ([ "x", number x; "y", number y; "fill", color ] @ extra) []
        result.Add(TextMeasure.clean content)
        result

    let text size color anchor x y content = textWith [] size color anchor x y content

    let turned degrees x y = "transform", $"rotate({degrees} {number x} {number y})"

    let line color width x1 y1 x2 y2 extra =
        element "line" ([ "x1", number x1; "y1", number y1; "x2", number x2; "y2", number y2; "stroke", color; "stroke-width", number width ] @ extra) []

    let rect color x y width height extra =
        element "rect" ([ "x", number x; "y", number y; "width", number (max 0.0 width); "height", number (max 0.0 height); "fill", color ] @ extra) []

    /// A path through points; a point that is not finite starts a new stroke.
    let pathData (points: (float * float)[]) =
        let finite (x: float, y: float) = Double.IsFinite x && Double.IsFinite y
        points
        |> Array.mapi (fun i point ->
            if not (finite point) then ""
            else
                let command = if i = 0 || not (finite points[i - 1]) then "M" else "L"
                $"{command}{number (fst point)} {number (snd point)}")
        |> Array.filter ((<>) "")
        |> String.concat ""

    /// Marker shapes differ by series, so that colour is never the only difference.
    let marker ink x y =
        let color = Palette.ink ink
        let path data = element "path" [ "d", data; "fill", color; "stroke", "#FFFFFF"; "stroke-width", "0.75" ] []
        let at dx dy = $"{number (x + dx)} {number (y + dy)}"
        match (if ink < 0 then 0 else ink) % 4 with
        | 0 -> element "circle" [ "cx", number x; "cy", number y; "r", "4"; "fill", color; "stroke", "#FFFFFF"; "stroke-width", "0.75" ] []
        | 1 -> path $"M{at -3.6 -3.6}L{at 3.6 -3.6}L{at 3.6 3.6}L{at -3.6 3.6}Z"
        | 2 -> path $"M{at 0.0 -5.0}L{at 5.0 0.0}L{at 0.0 5.0}L{at -5.0 0.0}Z"
        | _ -> path $"M{at 0.0 -4.8}L{at 4.6 3.6}L{at -4.6 3.6}Z"
