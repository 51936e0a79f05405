using System.Numerics;

namespace Bft.Research.Tokenization;

/// <summary>
/// A value of a template that is not None (null), bool, int (<see cref="BigInteger"/>), float (double) or str (string). Behaves as its Python namesake.
/// </summary>
internal abstract class PyObject
{
    /// <summary>Name of the Python type.</summary>
    public abstract string TypeName { get; }

    /// <summary>Whether it counts as true.</summary>
    public virtual bool Truth => true;

    /// <summary>What <c>len</c> gives, or null when it has no length.</summary>
    public virtual int? Length => null;

    /// <summary>What <c>repr</c> gives.</summary>
    public virtual string Repr() => $"<{TypeName} object>";

    /// <summary>What <c>str</c> gives.</summary>
    public virtual string Text() => Repr();

    /// <summary>What iterating gives, or null when it cannot be iterated.</summary>
    public virtual IEnumerable<object?>? Iterate() => null;

    /// <summary>What a call does, or null when it cannot be called.</summary>
    public virtual Func<PyArguments, object?>? Callable => null;

    /// <summary>An attribute, methods included.</summary>
    public virtual bool TryAttribute(string name, out object? value)
    {
        value = null;
        return false;
    }
}

/// <summary>What a name or element that is not there gives: prints as nothing, is false and empty, and fails at any other use.</summary>
/// <param name="Hint">What the error says.</param>
/// <param name="ErrorClass">Class of the error.</param>
internal sealed class PyUndefined(string Hint, string ErrorClass = "UndefinedError") : PyObject
{
    public override string TypeName => "Undefined";

    public override bool Truth => false;

    public override int? Length => 0;

    public TemplateException Error => new(ErrorClass, Hint);

    public static PyUndefined Name(string name) => new($"{PyRepr.Of(name)} is undefined");

    /// <summary>An element or attribute that an object lacks.</summary>
    public static PyUndefined Element(object? owner, object? key)
    {
        var kind = owner is null ? "None" : $"{PyValue.TypeName(owner)} object";
        return new(key is string name ? $"'{kind}' has no attribute {PyRepr.Of(name)}" : $"{kind} has no element {PyRepr.Of(key)}");
    }

    public override string Repr() => "Undefined";

    public override string Text() => "";

    public override IEnumerable<object?> Iterate() => [];

    public override bool TryAttribute(string name, out object? value) => throw Error;
}

/// <summary>A string that counts as escaped HTML; a str in every other way.</summary>
internal sealed class PyMarkup(string html) : PyObject
{
    public string Html => html;

    public override string TypeName => "Markup";

    public override bool Truth => html.Length > 0;

    public override int? Length => PyText.Length(html);

    public static PyMarkup Escape(object? value) => value as PyMarkup ?? new(PyValue.Text(value)
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal));

    public override string Repr() => $"Markup({PyRepr.Of(html)})";

    public override string Text() => html;

    public override IEnumerable<object?> Iterate() => PyText.Characters(html);

    public override bool TryAttribute(string name, out object? value) => PyStringMethods.TryGet(html, name, out value);
}

/// <summary>An iterator: gives each item once.</summary>
/// <param name="typeName">Python type, for messages.</param>
/// <param name="items">The items, computed on demand.</param>
internal sealed class PyIterator(string typeName, IEnumerable<object?> items) : PyObject
{
    private readonly IEnumerator<object?> _items = items.GetEnumerator();

    public override string TypeName => typeName;

    public override IEnumerable<object?> Iterate()
    {
        while (_items.MoveNext())
            yield return _items.Current;
    }
}

/// <summary>A function or bound method.</summary>
internal sealed class PyFunction(string name, Func<PyArguments, object?> call, string typeName = "function") : PyObject
{
    public override string TypeName => typeName;

    public override Func<PyArguments, object?> Callable => arguments => call(arguments with { Function = name });
}

/// <summary>What <c>namespace(...)</c> gives: attributes that a loop may set and the code after it sees.</summary>
internal sealed class PyNamespace(PyDict values) : PyObject
{
    public PyDict Values => values;

    public override string TypeName => "Namespace";

    public override string Repr() => $"<Namespace {values.Repr()}>";

    public override bool TryAttribute(string name, out object? value) => values.TryGet(name, out value);
}
