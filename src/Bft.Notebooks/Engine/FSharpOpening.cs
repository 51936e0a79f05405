namespace Bft.Notebooks.Engine;

/// <summary>How an F# session begins: its arguments, and what every cell finds open and defined.</summary>
internal static class FSharpOpening
{
    /// <summary>Arguments of the session, but for its references.</summary>
    /// <remarks>
    /// <c>--noninteractive</c> leaves the interrupt block to <see cref="CellThread"/> (the two do not nest); <c>--usesdkrefs-</c> makes values of other languages fit the
    /// types of F# code; <c>--multiemit+ --debug+ --optimize-</c> gives lines in stack traces.
    /// </remarks>
    public static readonly string[] Arguments =
    [
        "fsi", "--noninteractive", "--nologo", "--gui-", "--quiet", "--targetprofile:netcore", "--langversion:latest", "--usesdkrefs-",
        "--multiemit+", "--debug+", "--optimize-",
    ];

    /// <summary>The first code of a session.</summary>
    public const string Code = """
        open System
        open System.IO
        open System.Text
        open Microsoft.DotNet.Interactive.Formatting
        open Bft.Notebooks.Cells
        open type Microsoft.DotNet.Interactive.Kernel
        let display (value: 'a) = Bft.Notebooks.Cells.ShownValue.Show(box value)
        let HTML (content: string) = Microsoft.DotNet.Interactive.Kernel.HTML content
        let CSS (styles: string) = Microsoft.DotNet.Interactive.Kernel.CSS styles
        let (?) (target: obj) (name: string) : 'T =
            match target.GetType().GetProperty name with
            | null ->
                match target.GetType().GetField name with
                | null -> raise (MissingMemberException(target.GetType().Name, name))
                | field -> unbox (field.GetValue target)
            | property -> unbox (property.GetValue target)
        let Javascript (script: string) = Microsoft.DotNet.Interactive.Kernel.Javascript script
        """;
}
