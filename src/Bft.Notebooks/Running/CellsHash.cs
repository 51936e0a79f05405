using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Bft.Notebooks.Files;

namespace Bft.Notebooks.Running;

/// <summary>The mark of a complete run: <c>metadata.bft.cells_sha256</c>, a hash of the code that gave the outputs.</summary>
public static class CellsHash
{
    private const string Section = "bft";
    private const string Key = "cells_sha256";

    /// <summary>Hash of language and source of every code cell in order, injected parameters included; 64 hexadecimal digits.</summary>
    public static string Compute(Notebook notebook)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var cell in notebook.Cells.Where(cell => cell.Kind == CellKind.Code))
            foreach (var part in new[] { cell.LanguageOr(notebook.DefaultLanguage), cell.Source })
            {
                var bytes = Encoding.UTF8.GetBytes(part.ReplaceLineEndings("\n"));
                hash.AppendData(BitConverter.GetBytes((long)bytes.Length));
                hash.AppendData(bytes);
            }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The recorded hash, or null when the outputs come from no complete run.</summary>
    public static string? Recorded(Notebook notebook) => notebook.Metadata.Text(Section, Key);

    /// <summary>Writes the hash of the present cells.</summary>
    public static void Record(Notebook notebook)
    {
        if (notebook.Metadata[Section] is not JsonObject section)
            notebook.Metadata[Section] = section = [];
        section[Key] = Compute(notebook);
    }

    /// <summary>Takes the mark away, and the section that held it when nothing else is in it.</summary>
    public static void Clear(Notebook notebook)
    {
        if (notebook.Metadata[Section] is JsonObject section && section.Remove(Key) && section.Count == 0)
            notebook.Metadata.Remove(Section);
    }
}
