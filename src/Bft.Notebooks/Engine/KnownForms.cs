using System.Collections.Concurrent;

namespace Bft.Notebooks.Engine;

/// <summary>How values are shown whose types the front end knows by name only. As with the formatters of the package, there is one table for the process.</summary>
internal static class KnownForms
{
    private static readonly ConcurrentDictionary<string, Func<object, IReadOnlyDictionary<string, string>>> s_forms = [];

    /// <summary>Values of this type, and of types derived from it, are shown so.</summary>
    public static void Add(string type, Func<object, IReadOnlyDictionary<string, string>> forms) => s_forms[type] = forms;

    /// <summary>All forms of a value by MIME type; null when nothing is known of its type.</summary>
    /// <param name="value">The value.</param>
    /// <param name="complain">Told when the forms cannot be made.</param>
    public static IReadOnlyDictionary<string, string>? Of(object? value, Action<string> complain)
    {
        if (s_forms.IsEmpty)
            return null;
        for (var type = value?.GetType(); type is not null && type != typeof(object); type = type.BaseType)
        {
            if (type.FullName is null || !s_forms.TryGetValue(type.FullName, out var forms))
                continue;
            try
            {
                return forms(value!);
            }
            catch (Exception e) // code of a package, of any version
            {
                complain($"{type.FullName} is shown by its properties, for its own form failed: {(e is System.Reflection.TargetInvocationException { InnerException: { } inner } ? inner : e).Message}\n");
                return null;
            }
        }

        return null;
    }
}
