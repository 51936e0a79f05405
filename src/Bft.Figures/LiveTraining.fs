namespace Bft.Figures

open System
open System.Globalization
open System.IO
open System.Runtime.InteropServices
open Bft.Results

/// How a run is drawn and told.
module internal TrainingViews =
    let private cells = 20

    let private text (number: float) = NumberText.Significant number

    /// The curve's first and last finite value in words.
    let private change (curve: Curve) =
        match curve.Y |> Array.filter Double.IsFinite with
        | [||] -> None
        | [| one |] -> Some $"{curve.Name} {text one}"
        | values -> Some $"{curve.Name} {text values[0]} to {text values[values.Length - 1]}"

    let private left (seconds: float) =
        let time = TimeSpan.FromSeconds(min seconds 8.64e7)
        if time.TotalDays >= 1.0 then $"{int time.TotalDays} d {time.Hours} h" else time.ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture)

    let private steps (snapshot: TrainingSnapshot) = if snapshot.Steps > 0 then $"{snapshot.Step} of {snapshot.Steps} steps" else $"{snapshot.Step} steps"

    /// A bar, the last numbers, speed and time left, in one line.
    let line (snapshot: TrainingSnapshot) =
        let bar =
            if snapshot.Steps <= 0 then ""
            else
                let full = Math.Clamp(cells * snapshot.Step / snapshot.Steps, 0, cells)
                String('█', full) + String('░', cells - full) + " "
        let last (curve: Curve) = curve.Y |> Array.filter Double.IsFinite |> Array.tryLast |> Option.map (fun value -> $"{curve.Name} {text value}")
        let numbers = snapshot.Nll |> Seq.choose last |> String.concat ", "
        let time = match Option.ofNullable snapshot.SecondsLeft with Some seconds -> $"; {left seconds} left" | None -> ""
        let speed = if snapshot.Speed = "" then "" else "; " + snapshot.Speed
        $"{bar}{steps snapshot}; NLL: {numbers}{speed}{time}"

    /// What came out, without anything that differs from run to run.
    let finding (snapshot: TrainingSnapshot) =
        let changes = snapshot.Nll |> Seq.choose change |> String.concat "; "
        $"{steps snapshot}. NLL in nats per token, first to last: {changes}. The weighted loss is what is minimised; it is not comparable between objectives."

    let canDraw (snapshot: TrainingSnapshot) =
        let hasValue (curve: Curve) = curve.Y |> Array.exists Double.IsFinite
        snapshot.Nll.Count > 0 && Seq.forall hasValue snapshot.Nll && hasValue snapshot.Loss && hasValue snapshot.LearningRate

    let figure title caption (snapshot: TrainingSnapshot) =
        let panel (name: string) (curves: Curve seq) = Draw.Lines(name, "By step.", $"{name} by optimiser step.", curves)
        Draw.Grid(
            title, caption, $"Three panels over optimiser steps: NLL, weighted loss, learning rate; {steps snapshot}.",
            [ panel "Plain NLL" snapshot.Nll; panel "Weighted loss" [ snapshot.Loss ]; panel "Learning rate" [ snapshot.LearningRate ] ],
            columns = 3, panelHeight = 170.0)

/// <summary>
/// A figure that follows a training run: NLL of training batches and of held-out rows, weighted loss, learning rate, with a bar, speed and time left under it. It is drawn anew at
/// most once an interval, and ends as a figure like any other: nothing in it depends on the clock. Without a notebook it is a line of text instead.
/// </summary>
/// <example><code>
/// var live = LiveTraining.Show(figure => display(figure).Update);
/// var curves = new TrainingCurves(live);      // of Bft.Research; takes the trainer's reports
/// run.Run(curves, curves);
/// live.Finish();
/// </code></example>
[<Sealed>]
type LiveTraining private (title: string, show: Func<Figure, Action<Figure>> | null, text: TextWriter | null, interval: TimeSpan, time: TimeProvider) =
    let mutable update: Action<Figure> | null = null
    let mutable last: TrainingSnapshot | null = null
    let mutable drawn = ValueNone

    let put (figure: Figure) =
        match update, show with
        | null, null -> ()
        | null, show -> update <- show.Invoke figure
        | update, _ -> update.Invoke figure

    let isDue (snapshot: TrainingSnapshot) =
        match drawn with
        | ValueNone -> true
        | ValueSome at -> snapshot.Step = snapshot.Steps || time.GetElapsedTime at >= interval

    /// <summary>Follows a run in a notebook.</summary>
    /// <param name="show">Shows a first figure and gives what replaces it: in a cell <c>figure => display(figure).Update</c>.</param>
    /// <param name="title">Heading.</param>
    /// <param name="interval">Shortest time between two drawings, in seconds.</param>
    /// <param name="time">Clock; null: the system's.</param>
    static member Show
        (show: Func<Figure, Action<Figure>>, [<Optional; DefaultParameterValue("Training")>] title: string,
         [<Optional; DefaultParameterValue(1.0)>] interval: float, [<Optional; DefaultParameterValue(null: TimeProvider | null)>] time: TimeProvider | null) =
        LiveTraining(title, show, null, TimeSpan.FromSeconds interval, (match time with null -> TimeProvider.System | time -> time))

    /// <summary>Follows a run where there is no notebook: one line of text an interval.</summary>
    /// <param name="text">Where lines go.</param>
    /// <param name="title">Heading of the final figure.</param>
    /// <param name="interval">Shortest time between two lines, in seconds.</param>
    /// <param name="time">Clock; null: the system's.</param>
    static member Write
        (text: TextWriter, [<Optional; DefaultParameterValue("Training")>] title: string,
         [<Optional; DefaultParameterValue(10.0)>] interval: float, [<Optional; DefaultParameterValue(null: TimeProvider | null)>] time: TimeProvider | null) =
        LiveTraining(title, null, text, TimeSpan.FromSeconds interval, (match time with null -> TimeProvider.System | time -> time))

    /// <summary>Ends the following: what was shown becomes the finished figure, in which nothing differs from run to run.</summary>
    /// <returns>That figure; null when nothing was reported that could be drawn.</returns>
    member _.Finish() : Figure | null =
        match last with
        | null -> null
        | snapshot when not (TrainingViews.canDraw snapshot) -> null
        | snapshot ->
            let figure = TrainingViews.figure title (TrainingViews.finding snapshot) snapshot
            put figure
            figure

    interface IProgress<TrainingSnapshot> with
        member _.Report(snapshot) =
            last <- snapshot
            if isDue snapshot then
                match text with
                | null -> if TrainingViews.canDraw snapshot then put (TrainingViews.figure title (TrainingViews.line snapshot) snapshot)
                | text -> text.WriteLine(TrainingViews.line snapshot)
                drawn <- ValueSome(time.GetTimestamp())
