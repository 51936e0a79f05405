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
    public static ContentIdentity Of(string id, string path)
    {
        if (File.Exists(path))
            return new(id, Hash(path));
        if (!Directory.Exists(path))
            throw new FileNotFoundException($"{path}: neither a file nor a folder.", path);
        var lines = Directory.EnumerateFiles(path).Order(StringComparer.Ordinal).Select(file => $"{Hash(file)}  {Path.GetFileName(file)}\n");
        return new(id, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines)))));
    }

    private static string Hash(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
