using Bft.Notebooks.Sessions;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.Events;

namespace Bft.Notebooks.Engine;

/// <summary>A value that cells have defined.</summary>
internal sealed record CellValue(string Name, Type Type, object? Value);

/// <summary>The two languages of a session and what they know of each other.</summary>
internal sealed class CellLanguages(CompositeKernel root, CSharpCells csharp, FSharpKernel fsharp)
{
    /// <summary>Makes assemblies visible to both.</summary>
    public void Reference(IReadOnlyList<string> paths)
    {
        csharp.Kernel.AddAssemblyReferences(paths);
        fsharp.AddReferences(paths);
    }

    /// <summary>Finds a value by its name.</summary>
    public bool TryGetValue(string language, string name, out object? value) =>
        language == CellLanguage.FSharp ? fsharp.TryGetValue(name, out value) : csharp.Kernel.TryGetValue(name, out value);

    /// <summary>Defines a value, or another of the same name.</summary>
    public Task SetValueAsync(string language, string name, object? value)
    {
        if (language != CellLanguage.FSharp)
            return csharp.SetValueAsync(name, value);
        fsharp.SetValue(name, value);
        return Task.CompletedTask;
    }

    /// <summary>All values of a language by name.</summary>
    public IReadOnlyList<CellValue> Values(string language) =>
        [.. (language == CellLanguage.FSharp ? fsharp.Values() : csharp.Values()).OrderBy(value => value.Name, StringComparer.Ordinal)];

    /// <summary>Runs code as the cell's, with what its errors call it.</summary>
    public async Task<CellError?> RunAsync(CodePart code, CellOrigin origin, ICellSink sink)
    {
        var isFSharp = code.Language == CellLanguage.FSharp;
        if (isFSharp)
            fsharp.SourceName = origin.SourceName + (origin.SourceName.EndsWith(".fsx", StringComparison.Ordinal) ? "" : ".fsx");
        var text = isFSharp ? new string('\n', code.Line - 1) + code.Text : CSharpCells.Locate(code, origin.SourceName);
        var relay = new EventRelay(sink, origin) { LineOffset = isFSharp ? 1 : code.Line - 1 };
        using var subscription = root.KernelEvents.Subscribe(relay);
        var result = await root.SendAsync(new SubmitCode(text, code.Language), CancellationToken.None).ConfigureAwait(false);
        return relay.Failure(result.Events[^1] as CommandFailed);
    }

    /// <summary>Lets a package of .NET Interactive add its formatters and magics.</summary>
    public Task LoadAsync(IKernelExtension extension) => extension.OnLoadAsync(root);
}

/// <summary>Where code comes from.</summary>
/// <param name="SourceName">Name of the source in compilers and stack traces.</param>
/// <param name="Label">For people: <c>cell 7</c>, or a file.</param>
/// <param name="Number">Number of the cell that runs.</param>
internal sealed record CellOrigin(string SourceName, string Label, int Number)
{
    /// <summary>True for a file that a cell runs in its place.</summary>
    public bool IsFile => SourceName != CellFailure.SourceName(Number);

    /// <summary>The cell itself.</summary>
    public static CellOrigin Cell(int number) => new(CellFailure.SourceName(number), $"cell {number}", number);
}
