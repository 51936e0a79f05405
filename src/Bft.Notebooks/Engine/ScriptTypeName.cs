namespace Bft.Notebooks.Engine;

/// <summary>C# source for the type of a value.</summary>
internal static class ScriptTypeName
{
    /// <summary>A name that C# code may use; <c>object</c> for null, <c>dynamic</c> for types that exist only in a script.</summary>
    public static string Of(object? value)
    {
        if (value is null)
            return "object";
        var type = value.GetType();
        while (!IsNameable(type) && type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
            type = parent;
        return IsNameable(type) ? Write(type) : "dynamic";
    }

    /// <summary>True for types that code of either language can name: public, and of an assembly with a file, in all parts.</summary>
    public static bool IsNameable(Type type) =>
        type.HasElementType
            ? IsNameable(type.GetElementType()!)
            : type.IsVisible && !type.Assembly.IsDynamic && type.Assembly.Location.Length > 0 && type.GetGenericArguments().All(IsNameable)
              && !type.FullName!.StartsWith("FSI_", StringComparison.Ordinal);

    private static string Write(Type type)
    {
        if (type.IsArray)
            return $"{Write(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
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
