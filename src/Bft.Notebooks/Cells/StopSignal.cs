using System.Runtime.CompilerServices;
using Bft.Notebooks.Engine;

namespace Bft.Notebooks.Cells;

/// <summary>How running code learns that its cell was interrupted. The engine puts <see cref="Check"/> into the loops and functions of every cell, and <see cref="At"/> before its statements.</summary>
/// <remarks>
/// Code of a cell may call it too. A library needs no reference to this assembly: the engine also calls <see cref="Thread.Interrupt"/> on the cell's thread,
/// so a loop that waits, or calls <c>Thread.Sleep(0)</c> once a step, ends there with a <see cref="ThreadInterruptedException"/>.
/// </remarks>
public static class StopSignal
{
    private static volatile bool s_raised;
    private static Action<int>? s_reached;

    /// <summary>True; or the exception of <see cref="Check"/>. For places where only an expression fits.</summary>
    /// <exception cref="OperationCanceledException">The cell that this code belongs to was interrupted.</exception>
    public static bool Pass
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Check();
            return true;
        }
    }

    /// <summary>Does nothing, until the cell that this code belongs to is interrupted; about a nanosecond.</summary>
    /// <exception cref="OperationCanceledException">The cell was interrupted.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check()
    {
        if (s_raised)
            CellScope.ThrowIfStopped();
    }

    /// <summary>The cell comes to a statement that is part of no other.</summary>
    /// <param name="line">Its line in the cell, from 1.</param>
    public static void At(int line) => s_reached?.Invoke(line);

    /// <summary>Has somebody told of every <see cref="At"/>, who will know the line when the process ends.</summary>
    internal static void Watch(Action<int> reached) => s_reached = reached;

    /// <summary>Makes every <see cref="Check"/> look whether it belongs to an interrupted cell.</summary>
    internal static void Raise(bool raised) => s_raised = raised;
}
