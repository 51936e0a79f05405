namespace Bft.Results.Display;

/// <summary>Writes values of one type as one MIME type. Hosts call it by the names of its members.</summary>
/// <typeparam name="T">Type of the values.</typeparam>
/// <param name="mimeType">Type of the text.</param>
/// <param name="write">Text of a value.</param>
public sealed class DisplayFormatter<T>(string mimeType, Func<T, string> write)
{
    /// <summary>Type of the text written.</summary>
    public string MimeType => mimeType;

    /// <summary>Writes the value.</summary>
    /// <returns>False when <paramref name="instance"/> is of another type; nothing is written then.</returns>
    public bool Format(object instance, TextWriter writer)
    {
        if (instance is not T value)
            return false;
        writer.Write(write(value));
        return true;
    }
}
