namespace Bft.Research.Tokenization;

/// <summary>Kinds of tokens. The text of an <see cref="Operator"/> says which one it is.</summary>
internal enum JinjaTokenKind
{
    /// <summary>Text outside of tags.</summary>
    Data,

    /// <summary>Start of a print tag.</summary>
    PrintBegin,

    /// <summary>End of a print tag.</summary>
    PrintEnd,

    /// <summary>Start of a statement tag.</summary>
    BlockBegin,

    /// <summary>End of a statement tag.</summary>
    BlockEnd,

    /// <summary>A name or keyword.</summary>
    Name,

    /// <summary>A string literal; the value is its text.</summary>
    String,

    /// <summary>An integer or float literal; the value is the number.</summary>
    Number,

    /// <summary>An operator or bracket.</summary>
    Operator,

    /// <summary>End of the template.</summary>
    End,
}

/// <summary>One token of a template.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">Its text.</param>
/// <param name="Value">Value of a literal.</param>
/// <param name="Line">Line it starts on, from 1.</param>
internal readonly record struct JinjaToken(JinjaTokenKind Kind, string Text, object? Value, int Line)
{
    public bool IsName(string name) => Kind == JinjaTokenKind.Name && Text == name;

    public bool IsOperator(string op) => Kind == JinjaTokenKind.Operator && Text == op;

    /// <summary>How messages call it.</summary>
    public string Description => Kind switch
    {
        JinjaTokenKind.PrintEnd => "end of print statement",
        JinjaTokenKind.BlockEnd => "end of statement block",
        JinjaTokenKind.PrintBegin => "begin of print statement",
        JinjaTokenKind.BlockBegin => "begin of statement block",
        JinjaTokenKind.End => "end of template",
        _ => Text,
    };
}
