namespace Bft.Notebooks.Engine;

/// <summary>C# source for the type of a value.</summary>
internal static class ScriptTypeName
{
    /// <summary>A name that C# code may use; <c>object</c> for null, <c>dynamic</c> for types that exist only in a script.</summary>
    public static string Of(object? value) => value is null ? "object" : NameableType.Of(value, plain: false) is { } type ? Write(type) : "dynamic";

    // The ranks of an array of arrays stand in the order of indexing: int[][,] holds arrays int[,].
    private static string Write(Type type)
    {
        if (type.IsArray)
        {
            var ranks = "";
            for (; type.IsArray; type = type.GetElementType()!)
                ranks += $"[{new string(',', type.GetArrayRank() - 1)}]";
            return Write(type) + ranks;
        }

        var arguments = new Queue<Type>(type.GetGenericArguments());
        var nesting = new Stack<Type>();
        for (var t = type; t is not null; t = t.DeclaringType)
            nesting.Push(t);
        var name = string.Join('.', nesting.Select(level => Level(level, arguments)));
        return type.Namespace is null ? $"global::{name}" : $"global::{type.Namespace}.{name}";
    }

    private static string Level(Type type, Queue<Type> arguments)
    {
        if (type.Name.Split('`') is not [var name, var count])
            return type.Name;
        var own = Enumerable.Range(0, int.Parse(count, System.Globalization.CultureInfo.InvariantCulture)).Select(_ => Write(arguments.Dequeue())).ToList();
        return $"{name}<{string.Join(", ", own)}>";
    }
}
