namespace Bft.Figures

open System
open System.Globalization
open System.Text
open System.Text.Encodings.Web
open System.Text.Json

/// A JSON value. Built here rather than by a library: the notebook host with the oldest F# run time must be able to show a figure.
type internal Json =
    | Text of string
    | Number of float
    | Flag of bool
    /// NaN becomes null, an infinity a number beyond all doubles, which readers take for infinity.
    | Numbers of float[]
    | Items of Json list
    | Fields of (string * Json) list

module internal JsonText =
    let private number (value: float) =
        if Double.IsNaN value then "null"
        elif Double.IsInfinity value then (if value > 0.0 then "1e999" else "-1e999")
        else (value + 0.0).ToString("R", CultureInfo.InvariantCulture)

    let private quoted (text: string) = $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\""

    let write json =
        let text = StringBuilder()
        let append (part: string) = text.Append part |> ignore
        let rec value json =
            match json with
            | Text content -> append (quoted content)
            | Number content -> append (number content)
            | Flag content -> append (if content then "true" else "false")
            | Numbers content -> append ("[" + String.Join(',', Array.map number content) + "]")
            | Items content ->
                append "["
                content |> List.iteri (fun i one -> (if i > 0 then append ","); value one)
                append "]"
            | Fields content ->
                append "{"
                content |> List.iteri (fun i (name, one) -> (if i > 0 then append ","); append (quoted name + ":"); value one)
                append "}"
        value json
        text.ToString()

    /// The text with single quotation marks for double ones and the other way about: JSON that can stand in an attribute. Twice gives the text back.
    let exchange (text: string) = String.map (function '"' -> '\'' | '\'' -> '"' | other -> other) text

    let texts (content: string[]) = Items(content |> Array.map Text |> Array.toList)
