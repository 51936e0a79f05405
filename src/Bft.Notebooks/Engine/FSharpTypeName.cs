using System.Globalization;
using Microsoft.FSharp.Core;
using Microsoft.FSharp.Reflection;

namespace Bft.Notebooks.Engine;

/// <summary>F# source for the type of a value. The interactive session could infer it, but takes arrays of arrays for arrays and ends the process over arrays of tuples.</summary>
internal static class FSharpTypeName
{
    private const string OwnPrefix = "FSharp"; // of compiled names in FSharp.Core: FSharpList`1 is List<_>

    /// <summary>A name that F# code may use; null when there is only <c>obj</c>.</summary>
    public static string? Of(object? value) => value is not null && NameableType.Of(value, plain: true) is { } type ? Write(type) : null;

    private static string Write(Type type)
    {
        if (type.IsArray)
            return $"{Write(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (FSharpType.IsTuple(type))
            return (type.IsValueType ? "struct (" : "(") + string.Join(" * ", FSharpType.GetTupleElements(type).Select(Write)) + ")";
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(FSharpFunc<,>))
            return $"({string.Join(" -> ", type.GetGenericArguments().Select(Write))})";
        if (FSharpType.IsUnion(type, null) && FSharpType.GetUnionCases(type, null)[0].DeclaringType is var union && union != type)
            return Write(union); // a case is a class of its own
        var arguments = new Queue<Type>(type.GetGenericArguments());
        var nesting = new Stack<Type>();
        for (var level = type; level is not null; level = level.DeclaringType)
            nesting.Push(level);
        IEnumerable<string> path = [.. (type.Namespace ?? "").Split('.', StringSplitOptions.RemoveEmptyEntries).Select(Quoted), .. nesting.Select(level => Level(level, arguments))];
        return $"global.{string.Join('.', path)}";
    }

    private static string Level(Type type, Queue<Type> arguments)
    {
        var (name, count) = type.Name.Split('`') is [var before, var after] ? (before, int.Parse(after, CultureInfo.InvariantCulture)) : (type.Name, 0);
        if (type.Assembly == typeof(Unit).Assembly && name.StartsWith(OwnPrefix, StringComparison.Ordinal))
            name = name[OwnPrefix.Length..];
        return Quoted(name) + (count == 0 ? "" : $"<{string.Join(", ", Enumerable.Range(0, count).Select(_ => Write(arguments.Dequeue())))}>");
    }

    private static string Quoted(string name) => $"``{name}``";
}
