namespace Bft.Research.Numerics;

/// <summary>A place in a long loop, once a step or row, at which the loop may be ended from outside.</summary>
/// <remarks>
/// A command line cancels a token. A notebook interrupts the thread (<see cref="Thread.Interrupt"/>), since its reader may have passed no token; that takes
/// effect where a thread waits, and a sleep of no time (half a microsecond) is such a place.
/// </remarks>
internal static class StopPoint
{
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ThreadInterruptedException">The thread was interrupted.</exception>
    public static void Pass(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Thread.Sleep(0);
    }
}
