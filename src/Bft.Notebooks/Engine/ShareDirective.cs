using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Engine;

/// <summary>The line <c>#!share --from language name [--as other]</c> (or <c>name --from language</c>).</summary>
/// <param name="From">Language that has the value.</param>
/// <param name="Name">Its name there.</param>
/// <param name="As">Its name here.</param>
internal sealed record ShareDirective(string From, string Name, string As)
{
    /// <exception cref="CellDirectiveException">A part is missing, unknown or given twice.</exception>
    public static ShareDirective Parse(DirectivePart part)
    {
        var options = new Dictionary<string, string>();
        var words = new Queue<string>(part.Arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        while (words.TryDequeue(out var word))
        {
            var key = word.StartsWith("--", StringComparison.Ordinal) ? word : "--name";
            if (key is not ("--from" or "--name" or "--as"))
                throw Wrong(part, $"unknown option {key}");
            var value = key == word ? words.TryDequeue(out var next) ? next : throw Wrong(part, $"{key} needs a value") : word;
            if (!options.TryAdd(key, value))
                throw Wrong(part, $"{key} is given twice");
        }

        if (!options.TryGetValue("--from", out var from) || !options.TryGetValue("--name", out var name))
            throw Wrong(part, "the value or its language is missing");
        if (!CellLanguage.TryParse(from, out var language) || language is not (CellLanguage.CSharp or CellLanguage.FSharp))
            throw Wrong(part, $"'{from}' is not a language with values");
        return new ShareDirective(language, name, options.GetValueOrDefault("--as", name));
    }

    private static CellDirectiveException Wrong(DirectivePart part, string problem) =>
        new(part.Line, $"#!share {part.Arguments}: {problem}. Expected: #!share --from csharp|fsharp name [--as other]");
}
