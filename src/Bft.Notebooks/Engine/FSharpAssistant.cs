using FSharp.Compiler.CodeAnalysis;
using FSharp.Compiler.EditorServices;
using FSharp.Compiler.Interactive;
using FSharp.Compiler.Symbols;
using FSharp.Compiler.Tokenization;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Bft.Notebooks.Engine;

/// <summary>Help while an F# cell is written, from the checker of the session, which knows what earlier cells defined.</summary>
internal sealed class FSharpAssistant(Shell.FsiEvaluationSession session)
{
    /// <summary>Names that may stand at a place (row and column from 0).</summary>
    public IEnumerable<string> Complete(string code, int row, int column)
    {
        var line = code.Split('\n')[row];
        var (parsed, check) = Check(code);
        var list = check.GetDeclarationListInfo(parsed, row + 1, line, QuickParse.GetPartialLongNameEx(line, column - 1), null, null, null);
        return list.Items.Select(item => item.NameInList);
    }

    /// <summary>Signature and summary of the name at a place; null when there is none.</summary>
    public string? Describe(string code, int row, int column)
    {
        var line = code.Split('\n')[row];
        if (QuickParse.GetCompleteIdentifierIsland(true, line, column) is not { Value: var (name, end, _) })
            return null;
        var (_, check) = Check(code);
        var found = check.GetToolTip(row + 1, end, line, ListModule.OfSeq(name.Split('.')), FSharpTokenTag.Identifier, FSharpOption<int>.None);
        var texts = found.Item.OfType<ToolTipElement.Group>().SelectMany(group => group.elements).Select(Text).Where(text => text.Length > 0).ToList();
        return texts.Count == 0 ? null : string.Join("\n\n", texts);
    }

    /// <summary>Whether code can be run, needs more lines (null for a block that may go on), or has an error.</summary>
    public bool? IsComplete(string code)
    {
        var errors = Check(code).Parsed.Diagnostics.Where(d => d.Severity.IsError).ToList();
        var lines = code.Split('\n');
        var last = Array.FindLastIndex(lines, line => !string.IsNullOrWhiteSpace(line));
        if (errors.Count > 0)
            return errors.Any(error => error.StartLine - 1 > last || (error.StartLine - 1 == last && error.EndColumn >= lines[last].TrimEnd().Length)
                || error.Message.Contains("end of input", StringComparison.Ordinal) || error.ErrorNumber is Unmatched or OpenText) ? null : false;
        return last > 0 && last == lines.Length - 1 && char.IsWhiteSpace(lines[last][0]) ? null : true; // an empty line ends a block
    }

    private const int Unmatched = 583;
    private const int OpenText = 514;

    private static string Text(ToolTipElementData element)
    {
        var signature = string.Concat(element.MainDescription.Select(part => part.Text));
        return element.XmlDoc is FSharpXmlDoc.FromXmlText { Item: var doc } ? $"{signature}\n{string.Join('\n', doc.UnprocessedLines.Select(line => line.Trim()))}" : signature;
    }

    private (FSharpParseFileResults Parsed, FSharpCheckFileResults Check) Check(string code)
    {
        var (parsed, check, _) = session.ParseAndCheckInteraction(code, FSharpOption<bool>.None);
        return (parsed, check);
    }
}
