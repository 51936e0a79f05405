using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.CSharp;

namespace Bft.Notebooks.Engine;

/// <summary>The C# kernel with what it lacks: lines in stack traces, a script state that late code cannot overwrite, values of any type.</summary>
/// <remarks>Two private members of <see cref="CSharpKernel"/> are reached by reflection; the package is frozen, and their absence is reported at the start.</remarks>
internal sealed class CSharpCells
{
    // The package's own display returns another handle than the one it shows, so its Update reaches nothing; hence these two.
    public const string Prelude = """
        using static Microsoft.DotNet.Interactive.Kernel;
        using Microsoft.DotNet.Interactive.Formatting;
        public static DisplayedValue display(object value, params string[] mimeTypes) => Display(value, mimeTypes);
        public static DisplayedValue Display(this object value, params string[] mimeTypes) =>
            Microsoft.DotNet.Interactive.KernelInvocationContextExtensions.Display(
                Microsoft.DotNet.Interactive.KernelInvocationContext.Current, value, mimeTypes);
        """;

    private static readonly FieldInfo s_options =
        typeof(CSharpKernel).GetField("_scriptOptions", BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new MissingFieldException(nameof(CSharpKernel), "_scriptOptions");

    private static readonly PropertyInfo s_state = typeof(CSharpKernel).GetProperty(nameof(CSharpKernel.ScriptState))!;

    private ScriptState? _lastState;

    public CSharpCells(string name)
    {
        Kernel = new CSharpKernel(name);
        Kernel.RegisterCommandHandler<SendValue>((command, _) => SetValueAsync(command.Name, SharedValue.Of(command)));
        Kernel.AddAssemblyReferences(HostAssemblies.Framework);
        var options = (ScriptOptions)s_options.GetValue(Kernel)!;
        s_options.SetValue(Kernel, options.WithEmitDebugInformation(true).WithFileEncoding(Encoding.UTF8));
    }

    public CSharpKernel Kernel { get; }

    /// <summary>The code with a first line that maps lines and file name to those of the cell.</summary>
    public static string Locate(CodePart part, string sourceName) => $"#line {part.Line} \"{sourceName}\"\n{part.Text}";

    /// <summary>Puts the state of the last cell back if code of an interrupted cell has replaced it since.</summary>
    public void Restore()
    {
        if (_lastState is not null && !ReferenceEquals(_lastState, Kernel.ScriptState))
            s_state.SetValue(Kernel, _lastState);
    }

    /// <summary>Remembers the state that the ended cell left.</summary>
    public void Remember() => _lastState = Kernel.ScriptState;

    /// <summary>Defines a variable with the most derived type that C# can name; <c>dynamic</c> for types of another language's cells.</summary>
    public async Task SetValueAsync(string name, object? value)
    {
        if (!await DeclareAsync(ScriptTypeName.Of(value), name).ConfigureAwait(false) && !await DeclareAsync("dynamic", name).ConfigureAwait(false))
            throw new ArgumentException($"'{name}' cannot be a C# variable.", nameof(name));
        Kernel.ScriptState.GetVariable(name).Value = value;
    }

    private async Task<bool> DeclareAsync(string type, string name)
    {
        try
        {
            var state = await Kernel.ScriptState.ContinueWithAsync($"{type} {name} = default;", (ScriptOptions)s_options.GetValue(Kernel)!).ConfigureAwait(false);
            s_state.SetValue(Kernel, state);
            return true;
        }
        catch (CompilationErrorException)
        {
            return false;
        }
    }
}
