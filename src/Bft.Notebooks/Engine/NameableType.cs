using System.Collections;

namespace Bft.Notebooks.Engine;

/// <summary>Which type a value has in the cells of the other language.</summary>
internal static class NameableType
{
    private static readonly Type[] s_generic =
    [
        typeof(IDictionary<,>), typeof(IReadOnlyDictionary<,>), typeof(IList<>), typeof(IReadOnlyList<>), typeof(IEnumerable<>), typeof(IAsyncEnumerable<>),
    ];

    private static readonly Type[] s_plain = [typeof(IDictionary), typeof(IList), typeof(IEnumerable)];

    /// <summary>The type of the value, else its nearest base class, else a collection interface; null when none of them can be named.</summary>
    /// <param name="value">Not null.</param>
    /// <param name="plain">True: collection interfaces that say nothing of their items will do.</param>
    public static Type? Of(object value, bool plain)
    {
        var type = value.GetType();
        for (var one = type; one is not null && one != typeof(object) && one != typeof(ValueType) && one != typeof(Array); one = one.BaseType)
            if (Is(one))
                return one;
        return type == typeof(object)
            ? type
            : s_generic.Select(definition => type.GetInterfaces().FirstOrDefault(one => one.IsGenericType && one.GetGenericTypeDefinition() == definition && Is(one))).FirstOrDefault(found => found is not null)
              ?? (plain ? s_plain.FirstOrDefault(one => one.IsInstanceOfType(value)) : null);
    }

    /// <summary>True for types that code of either language can name: public, and of an assembly with a file, in all parts.</summary>
    public static bool Is(Type type) =>
        type.HasElementType
            ? Is(type.GetElementType()!)
            : type.IsVisible && !type.Assembly.IsDynamic && type.Assembly.Location.Length > 0 && type.GetGenericArguments().All(Is)
              && !type.FullName!.StartsWith("FSI_", StringComparison.Ordinal);
}
