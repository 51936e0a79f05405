namespace Bft.Figures

open System
open System.Globalization
open System.Text
open System.Xml.Linq

/// Small pieces of SVG. Colours and sizes are presentation attributes: viewers that drop style sheets still draw them. What many pieces share stands on their group.
module internal SvgElement =
    let private ns = XNamespace.Get "http://www.w3.org/2000/svg"

    /// A coordinate with at most one decimal: finer than any screen shows.
    let number (value: float) = (Math.Round(value, 1) + 0.0).ToString("0.#", CultureInfo.InvariantCulture)

    let element (name: string) (attributes: (string * string) list) (children: XElement list) =
        XElement(ns + name, [| for key, value in attributes -> box (XAttribute(XName.Get key, value)) |], children |> List.map box |> List.toArray)

    let group attributes children = element "g" attributes children

    /// How a text stands on its point.
    type Anchor = Start | Middle | End

    /// Size and colour of texts that say nothing of their own; they stand on the root.
    let usualSize, usualColor = 13.0, Palette.text

    /// What texts of one kind share, as far as it is not usual.
    let font (size: float) color anchor =
        [ if size <> usualSize then "font-size", number size
          if color <> usualColor then "fill", color
          match anchor with
          | Start -> ()
          | Middle -> "text-anchor", "middle"
          | End -> "text-anchor", "end" ]

    let textWith attributes x y (content: string) =
        let result = element "text" ([ "x", number x; "y", number y ] @ attributes) []
        result.Add(TextMeasure.clean content)
        result

    let text x y content = textWith [] x y content

    let turned degrees x y = "transform", $"rotate({degrees} {number x} {number y})"

    let rect x y width height attributes =
        element "rect" ([ "x", number x; "y", number y; "width", number (max 0.0 width); "height", number (max 0.0 height) ] @ attributes) []

    let path data attributes = element "path" (("d", data) :: attributes) []

    /// A whole number of tenths without a needless zero.
    let private tenths (value: int) =
        let sign, size = (if value < 0 then "-" else ""), abs value
        match size / 10, size % 10 with
        | whole, 0 -> $"{sign}{whole}"
        | 0, part -> $"{sign}.{part}"
        | whole, part -> $"{sign}{whole}.{part}"

    /// Writes the letters and numbers of a path: absolute where a stroke starts, then relative, in tenths of a pixel, so that roundings do not add up.
    type PathText() =
        let text = StringBuilder()
        let mutable x, y = 0, 0
        let mutable letter = ' '
        let round (value: float) = int (Math.Round(value * 10.0))
        let append (next: char) (numbers: int list) =
            let mutable needsSpace = next = letter
            if not needsSpace then text.Append next |> ignore
            for one in numbers do
                if needsSpace && one >= 0 then text.Append ' ' |> ignore
                text.Append(tenths one) |> ignore
                needsSpace <- true
            letter <- next

        /// Starts a stroke.
        member _.Move(toX: float, toY: float) =
            x <- round toX
            y <- round toY
            letter <- ' '
            append 'M' [ x; y ]

        /// Goes on to a point; one that falls on the same tenth of a pixel is left out.
        member _.Line(toX: float, toY: float) =
            match round toX - x, round toY - y with
            | 0, 0 -> ()
            | dx, 0 -> append 'h' [ dx ]
            | 0, dy -> append 'v' [ dy ]
            | dx, dy -> append 'l' [ dx; dy ]
            x <- round toX
            y <- round toY

        /// Letters and numbers as they are, for shapes that end where nothing goes on.
        member _.Raw(part: string) =
            text.Append part |> ignore
            letter <- ' '

        override _.ToString() = text.ToString()

    /// A path through points; a point that is not finite starts a new stroke.
    let pathData (points: (float * float)[]) =
        let result = PathText()
        let finite (x: float, y: float) = Double.IsFinite x && Double.IsFinite y
        points |> Array.iteri (fun i point ->
            if finite point then
                if i = 0 || not (finite points[i - 1]) then result.Move point else result.Line point)
        result.ToString()

    /// Strokes through the points of each list.
    let strokes (all: (float * float) list list) = all |> List.map (List.toArray >> pathData) |> String.concat ""

    /// Marker shapes differ by series, so that colour is never the only difference: where the pen starts from the middle, and the outline from there.
    let private shapes =
        [| (0.0, -4.0), "a4 4 0 1 1-.1 0z"
           (-3.6, -3.6), "h7.2v7.2h-7.2z"
           (0.0, -5.0), "l5 5-5 5-5-5z"
           (0.0, -4.8), "l4.6 8.4h-9.2z" |]

    /// All markers of a series; those without a colour are hollow.
    let markers ink (points: (float * float) list) =
        let result = PathText()
        let (dx, dy), outline = shapes[(max 0 ink) % shapes.Length]
        for x, y in points do
            result.Move(x + dx, y + dy)
            result.Raw outline
        let color = Palette.ink ink
        path (result.ToString()) (if ink < 0 then [ "fill", Palette.ground; "stroke", color; "stroke-width", "1.5" ] else [ "fill", color; "stroke", Palette.ground; "stroke-width", ".75" ])
