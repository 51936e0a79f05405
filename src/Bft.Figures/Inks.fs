namespace Bft.Figures

open System

/// One colour for one method in all figures.
module internal Inks =
    let private usual (name: string) =
        let starts (prefix: string) = name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        if starts "base" then Some -1
        elif starts "SFT" then Some 0
        elif starts "DFT" then Some 1
        elif starts "BFT v1" then Some 3
        elif starts "BFT" then Some 2
        else None

    /// A colour number for each name: a method's usual one if it is free, else the next free one. Other names never take a usual colour that a method in the same figure needs.
    let assign (names: string[]) =
        let folder (table: Map<string, int>) name =
            let taken = table |> Map.toSeq |> Seq.map snd |> Set.ofSeq
            match usual name with
            | Some ink when not (taken.Contains ink) -> table.Add(name, ink)
            | _ ->
                let reserved = names |> Array.choose usual |> Set.ofArray
                let free = Seq.initInfinite id |> Seq.find (fun ink -> not (taken.Contains ink) && not (reserved.Contains ink))
                table.Add(name, free)
        let methods, others = names |> Array.distinct |> Array.partition (fun name -> (usual name).IsSome)
        Array.append methods others |> Array.fold folder Map.empty

    let private nameOf = function
        | Line line -> Some line.Name
        | Band band -> Some band.Name
        | Points points -> Some points.Name
        | Bars bars -> Some bars.Name
        | Cells _ | Strip _ | Shade _ | Rule _ -> None

    /// The panels with colours assigned anew over all of them, so that two names on one page never share a colour.
    let unify (panels: Panel[]) =
        let table = panels |> Array.collect _.Marks |> Array.choose nameOf |> assign
        let recolor mark =
            match mark with
            | Line line -> Line { line with Ink = table[line.Name] }
            | Band band -> Band { band with Ink = table[band.Name] }
            | Points points -> Points { points with Ink = table[points.Name] }
            | Bars bars -> Bars { bars with Ink = table[bars.Name] }
            | Cells _ | Strip _ | Shade _ | Rule _ -> mark
        panels |> Array.map (fun panel -> { panel with Marks = Array.map recolor panel.Marks })
