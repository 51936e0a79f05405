using System.Reflection;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.DotNet.Interactive.CSharp;

namespace Bft.Notebooks.Engine;

/// <summary>The private members of <see cref="CSharpKernel"/> and <see cref="Script"/> that the engine needs. Both packages are pinned; what is absent is reported at the start.</summary>
internal sealed class CSharpInternals(CSharpKernel kernel)
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;

    private static readonly FieldInfo s_options = Field("_scriptOptions");
    private static readonly FieldInfo s_workspace = Field("_workspace");
    private static readonly PropertyInfo s_state = typeof(CSharpKernel).GetProperty(nameof(CSharpKernel.ScriptState))!;

    private static readonly MethodInfo s_update = s_workspace.FieldType.GetMethod("UpdateWorkspaceAsync", [typeof(ScriptState)])
        ?? throw new MissingMethodException(s_workspace.FieldType.FullName, "UpdateWorkspaceAsync");

    private static readonly Func<Script, bool> s_hasReturnValue =
        (typeof(Script).GetMethod("HasReturnValue", Hidden) ?? throw new MissingMethodException(nameof(Script), "HasReturnValue")).CreateDelegate<Func<Script, bool>>();

    /// <summary>How the next cell is compiled.</summary>
    public ScriptOptions Options
    {
        get => (ScriptOptions)s_options.GetValue(kernel)!;
        set => s_options.SetValue(kernel, value);
    }

    /// <summary>What the next cell builds on.</summary>
    public ScriptState State
    {
        set => s_state.SetValue(kernel, value);
    }

    /// <summary>True when a script ends in an expression.</summary>
    public static bool HasReturnValue(Script script) => s_hasReturnValue(script);

    /// <summary>Adds a cell that has run to what completion and hover know.</summary>
    public Task UpdateWorkspaceAsync(ScriptState state) => (Task)s_update.Invoke(s_workspace.GetValue(kernel), [state])!;

    private static FieldInfo Field(string name) =>
        typeof(CSharpKernel).GetField(name, Hidden) ?? throw new MissingFieldException(nameof(CSharpKernel), name);
}
