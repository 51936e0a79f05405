using System.Diagnostics;

namespace Bft.Notebooks.Jupyter;

/// <summary>Tells when the process that started the kernel has ended, so that no kernel stays behind a front end that crashed.</summary>
internal static class ParentWatch
{
    private const int StartTimeField = 19; // of /proc/<id>/stat, counted behind the name of the program
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(0.5);

    /// <summary>Ends when the process has ended, or was not there to begin with.</summary>
    public static async Task WaitForEndAsync(int processId, CancellationToken cancellationToken)
    {
        var parent = Find(processId);
        while (parent is not null && Find(processId) == parent)
            await Task.Delay(s_interval, cancellationToken).ConfigureAwait(false);
    }

    // What tells the process from a later one with the same number, null when it has ended. In a container without an init process a dead
    // parent keeps its number as a zombie, which Process.HasExited does not say.
    private static string? Find(int processId)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                using var process = Process.GetProcessById(processId);
                return process.HasExited ? null : process.ProcessName;
            }

            var status = File.ReadAllText($"/proc/{processId}/stat");
            var fields = status[(status.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[StartTimeField];
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException)
        {
            return null;
        }
    }
}
