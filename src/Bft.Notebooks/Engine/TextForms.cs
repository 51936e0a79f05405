using System.Collections.Concurrent;
using Microsoft.DotNet.Interactive.Formatting;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Bft.Notebooks.Engine;

/// <summary>Types whose values are shown by their own text: their properties say less. One table for the process, as with the formatters of the package.</summary>
internal static class TextForms
{
    private static readonly ConcurrentDictionary<Type, Type> s_types = [];

    static TextForms() => Add([typeof(FSharpList<>), typeof(FSharpOption<>), typeof(FSharpMap<,>), typeof(FSharpSet<>), typeof(TextForms)]);

    /// <summary>Values of these types are shown so from now on.</summary>
    public static void Add(IEnumerable<Type> types)
    {
        foreach (var type in types)
            if (s_types.TryAdd(type, type))
                Show(type);
    }

    /// <summary>Takes them in again after a cell has reset all formatters; it means its own, not these.</summary>
    public static void Restore()
    {
        if (Formatter.GetPreferredMimeTypesFor(typeof(TextForms)).SequenceEqual([PlainTextFormatter.MimeType]))
            return;
        foreach (var type in s_types.Keys)
            Show(type);
    }

    private static void Show(Type type)
    {
        Formatter.Register(type, (value, writer) => writer.Write(value), PlainTextFormatter.MimeType);
        Formatter.SetPreferredMimeTypesFor(type, PlainTextFormatter.MimeType);
    }
}
