using System.Security.Cryptography;
using System.Text;

namespace Bft.Results;

/// <summary>Something that is identified by its content: a model, a data set.</summary>
/// <param name="Id">Name that people use.</param>
/// <param name="Sha256">Hash of the file, or of the list of file hashes, in lower-case hexadecimal.</param>
public sealed record ContentIdentity(string Id, string Sha256)
{
    /// <summary>Identifies a file, or a folder by the names and hashes of the files directly in it.</summary>
    /// <param name="id">Name that people use.</param>
    /// <param name="path">The file or folder.</param>
    /// <exception cref="FileNotFoundException">Neither is there.</exception>
    public static ContentIdentity Of(string id, string path) => Of(id, Files(path), File.Exists(path));

    /// <summary>Identifies a file or folder whose files were hashed before.</summary>
    /// <param name="id">Name that people use.</param>
    /// <param name="files">From <see cref="Files"/>.</param>
    /// <param name="isFile">Whether it is the one file itself, and not a folder with files.</param>
    public static ContentIdentity Of(string id, IReadOnlyList<(string Name, string Sha256)> files, bool isFile) =>
        new(id, isFile ? files.Single().Sha256 : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(files.Select(file => $"{file.Sha256}  {file.Name}\n"))))));

    /// <summary>Names and hashes of a file, or of the files directly in a folder in ordinal order; files are hashed side by side.</summary>
    /// <param name="path">The file or folder.</param>
    /// <exception cref="FileNotFoundException">Neither is there.</exception>
    public static IReadOnlyList<(string Name, string Sha256)> Files(string path)
    {
        string[] files = File.Exists(path) ? [path]
            : Directory.Exists(path) ? [.. Directory.EnumerateFiles(path).Order(StringComparer.Ordinal)]
            : throw new FileNotFoundException($"{path}: neither a file nor a folder.", path);
        var hashes = new string[files.Length];
        Parallel.For(0, files.Length, i => hashes[i] = Hash(files[i]));
        return [.. files.Zip(hashes, (file, hash) => (Path.GetFileName(file), hash))];
    }

    private static string Hash(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
