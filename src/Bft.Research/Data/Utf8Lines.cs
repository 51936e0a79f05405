namespace Bft.Research.Data;

/// <summary>Reads a file line by line as the bytes it holds, so that nothing is decoded before it is known to be valid.</summary>
internal static class Utf8Lines
{
    private const int BlockSize = 1 << 16;

    /// <summary>The lines with their numbers from 1, without their ends and without a byte order mark.</summary>
    /// <param name="file">Path of the file.</param>
    /// <returns>Lines whose bytes stay valid until the next one is asked for.</returns>
    public static IEnumerable<(int Number, ReadOnlyMemory<byte> Line)> Read(string file)
    {
        using var stream = File.OpenRead(file);
        var buffer = new byte[BlockSize];
        int start = 0, end = 0, number = 0;
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                yield return (++number, Line(buffer.AsMemory(start, length), number));
                start += length + 1;
                continue;
            }

            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            if (end == buffer.Length)
                Array.Resize(ref buffer, 2 * buffer.Length);
            var read = stream.Read(buffer.AsSpan(end));
            if (read == 0)
                break;
            end += read;
        }

        if (end > 0)
            yield return (++number, Line(buffer.AsMemory(0, end), number));
    }

    private static ReadOnlyMemory<byte> Line(ReadOnlyMemory<byte> line, int number)
    {
        if (number == 1 && line.Span.StartsWith(System.Text.Encoding.UTF8.Preamble))
            line = line[3..];
        return line.Span.EndsWith("\r"u8) ? line[..^1] : line;
    }
}
