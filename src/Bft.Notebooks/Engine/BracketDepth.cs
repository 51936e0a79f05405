namespace Bft.Notebooks.Engine;

/// <summary>How deep code nests its brackets. Compilers walk them by recursion, and one that runs out of stack ends the process.</summary>
internal static class BracketDepth
{
    /// <summary>Deeper code is refused. No code that people write comes near it.</summary>
    public const int Limit = 500;

    /// <summary>What is wrong with the code and on which line; null when it is not too deep. Brackets in texts and comments count too.</summary>
    public static (string Message, int Line)? Problem(string code)
    {
        var (depth, line) = (0, 1);
        foreach (var c in code)
        {
            if (c == '\n')
                line++;
            else if (c is '(' or '[' or '{' && ++depth > Limit)
                return ($"Brackets are nested more than {Limit} deep; the compiler would run out of stack.", line);
            else if (c is ')' or ']' or '}' && depth > 0)
                depth--;
        }

        return null;
    }
}
