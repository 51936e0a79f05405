namespace Bft.Notebooks.Jupyter;

/// <summary>Counts what the kernel does not answer as asked, and writes the first of it down.</summary>
internal sealed class RejectionLog(TextWriter? writer)
{
    private const int Written = 100;
    private const int LongestReason = 300;
    private readonly Lock _gate = new();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes note of a message that was not served.</summary>
    public void Add(string channel, string reason)
    {
        var count = Interlocked.Increment(ref _count);
        if (count <= Written)
            Write($"{Line(channel)}: message rejected: {Line(reason)}{(count == Written ? " Further ones are counted only." : "")}");
    }

    // Parts of it may come from the message.
    private static string Line(string text) =>
        string.Concat((text.Length > LongestReason ? text[..LongestReason] + "…" : text).Select(c => char.IsControl(c) ? ' ' : c));

    /// <summary>Writes a line about the kernel itself.</summary>
    public void Write(string line)
    {
        lock (_gate)
            writer?.WriteLine($"bft notebook kernel: {line}");
    }
}
