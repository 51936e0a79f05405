namespace Bft.Benchmarks;

/// <summary>Cells that show very much: how long the kernel takes, what arrives, and how much memory it needs meanwhile.</summary>
internal static class OutputTable
{
    private static readonly (string Name, string Code)[] s_cells =
    [
        ("one text of 50 MB", "Console.Write(new string('x', 50_000_000));"),
        ("50 MB in a million lines", "for (var i = 0; i < 1_000_000; i++) Console.WriteLine(\"0123456789012345678901234567890123456789012345678\");"),
        ("a display of 50 MB", "display(new string('x', 50_000_000));"),
        ("a display of 100 MB", "display(new string('x', 100_000_000));"),
        ("10,000 displays", "for (var i = 0; i < 10_000; i++) display(i);"),
        ("a result of 10 million numbers", "Enumerable.Range(0, 10_000_000).ToArray()"),
        ("a list of F# with 5 million numbers", "#!fsharp\n[ 1 .. 5_000_000 ]"),
        ("50 MB by printf of F#", "#!fsharp\nfor i in 1 .. 1_000_000 do printfn \"%049d\" i"),
    ];

    /// <summary>Prints the table; every cell has a fresh kernel.</summary>
    public static void Print(KernelSetting setting)
    {
        Console.WriteLine("| cell | seconds | characters that arrived | peak of the kernel above a trivial cell, MB |");
        Console.WriteLine("| --- | --- | --- | --- |");
        foreach (var (name, code) in s_cells.Append(("endless print, interrupted after 3 s", "while (true) Console.WriteLine(\"again\");")))
        {
            using var kernel = new KernelProcess(setting);
            kernel.Greet();
            kernel.Run(code.StartsWith('#') ? "#!fsharp\n1" : "1");
            var before = kernel.Memory.Peak;
            using var stop = name.StartsWith("endless", StringComparison.Ordinal) ? new Timer(_ => kernel.Interrupt(), null, 3000, Timeout.Infinite) : null;
            var cell = kernel.Run(code);
            kernel.Run("1");
            Console.WriteLine($"| {name} | {cell.Elapsed.TotalSeconds:F1} | {cell.Characters:N0} | {(kernel.Memory.Peak - before) / 1e6:F0} |");
        }
    }
}
