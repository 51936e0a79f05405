using System.Reflection;
using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Tests;

/// <summary>Front ends can be written without knowing the engine underneath.</summary>
public class SurfaceTests
{
    private static readonly string[] s_engine = ["Microsoft.DotNet.Interactive", "Microsoft.CodeAnalysis", "FSharp.", "System.Reactive", "Microsoft.AspNetCore"];

    [Fact]
    public void No_public_member_shows_a_type_of_the_engine() => Assert.Empty(Leaks(typeof(INotebookSession).Assembly.GetExportedTypes()));

    [Fact]
    public void A_leak_would_be_found() => Assert.NotEmpty(Leaks([typeof(Microsoft.DotNet.Interactive.KernelExtensions)]));

    private static List<string> Leaks(IEnumerable<Type> types) =>
    [
        .. types.SelectMany(type => type
            .GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Where(IsVisible)
            .SelectMany(member => Mentioned(member).Concat([type.BaseType ?? typeof(object), .. type.GetInterfaces()]))
            .SelectMany(Parts)
            .Where(used => s_engine.Any(prefix => used.Assembly.GetName().Name!.StartsWith(prefix, StringComparison.Ordinal)))
            .Select(used => $"{type.FullName} shows {used.FullName}")),
    ];

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        FieldInfo field => field.IsPublic || field.IsFamily,
        PropertyInfo => true,
        _ => false,
    };

    private static IEnumerable<Type> Mentioned(MemberInfo member) => member switch
    {
        MethodInfo method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType),
        ConstructorInfo constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType),
        PropertyInfo { GetMethod.IsPublic: true } property => [property.PropertyType],
        FieldInfo field => [field.FieldType],
        _ => [],
    };

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!) : type.GetGenericArguments().SelectMany(Parts).Append(type);
}
