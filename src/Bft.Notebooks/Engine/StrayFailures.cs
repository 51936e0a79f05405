using System.Runtime.ExceptionServices;

namespace Bft.Notebooks.Engine;

/// <summary>Exceptions on threads that cells started. They would end the process, and every variable with it; here they fail the running cell, or the next.</summary>
internal static class StrayFailures
{
    private static readonly Lock s_gate = new();
    private static int s_sessions;
    private static bool s_installed;
    private static Exception? s_first;

    /// <summary>A session has started.</summary>
    public static void Begin()
    {
        lock (s_gate)
        {
            s_sessions++;
            if (s_installed)
                return;
            s_installed = true;
        }

        try
        {
            ExceptionHandling.SetUnhandledExceptionHandler(Take);
        }
        catch (InvalidOperationException)
        {
            // the host of the process has one of its own, which decides
        }
    }

    /// <summary>A session has ended.</summary>
    public static void End()
    {
        lock (s_gate)
            s_sessions--;
    }

    /// <summary>What has failed since the last call; null for nothing.</summary>
    public static Exception? TakeFirst() => Interlocked.Exchange(ref s_first, null);

    private static bool Take(Exception exception)
    {
        lock (s_gate)
            if (s_sessions == 0)
                return false;
        if (exception is not (OperationCanceledException or ThreadAbortException or ThreadInterruptedException)) // the end of an interrupted cell
            Interlocked.CompareExchange(ref s_first, exception, null);
        return true;
    }
}
