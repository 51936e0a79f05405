using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Bft.Research.Devices;

/// <summary>Keeps numbers that TorchSharp hands to libtorch alive for a second longer than TorchSharp does.</summary>
/// <remarks>
/// TorchSharp 0.107.0 wraps every number of an operation (<c>x.mul_(0.5)</c>, and the factor 1 inside <c>x.add_(y)</c>) in an object with a finaliser, and nothing refers to it once libtorch has
/// its address. A garbage collection that another thread causes at that moment frees the number under libtorch's hands: the operation fails with "Expected false to be true"
/// or "Unknown scalar type", or could compute with another number. Numbers are freed by one exported function, <c>THSTorch_dispose_scalar</c>; the loaded
/// copy of it is replaced by a jump to <see cref="Release"/>, which frees them a second later. Nothing on disk is changed. Where the function is not the known one, nothing is done.
/// </remarks>
internal static unsafe class ScalarRelease
{
    private const string Function = "THSTorch_dispose_scalar";
    private const int ReadWriteExecute = 7, ReadExecute = 5;
    private const int Delay = 1000; // milliseconds; a thread would have to sleep that long inside an operation

    /// <summary>The first instructions of the function in 0.107.0 for linux-x64: test rdi, rdi; je; mov eax, [rdi]; add eax, -5.</summary>
    private static readonly byte[] s_known = [0x48, 0x85, 0xFF, 0x74, 0x2D, 0x8B, 0x07, 0x83, 0xC0, 0xFB, 0x83, 0xF8, 0x02, 0x77];

    private static readonly Lock s_gate = new();
    private static List<nint> s_recent = [], s_older = [];
    private static long s_turned;

    /// <summary>Numbers that wait to be freed.</summary>
    public static int Waiting
    {
        get
        {
            lock (s_gate)
                return s_recent.Count + s_older.Count;
        }
    }

    /// <summary>Replaces the function of a loaded wrapper library.</summary>
    /// <returns>Whether it is replaced now.</returns>
    public static bool Defer(nint library)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64 || !NativeLibrary.TryGetExport(library, Function, out var address))
            return false;
        var code = new Span<byte>((void*)address, s_known.Length);
        if (!code.SequenceEqual(s_known) || AssemblyLoadContext.GetLoadContext(typeof(ScalarRelease).Assembly) is { IsCollectible: true })
            return false;
        var page = address & ~((nint)Environment.SystemPageSize - 1);
        var length = (nuint)(address - page + s_known.Length);
        if (mprotect(page, length, ReadWriteExecute) != 0)
            return false;
        delegate* unmanaged[Cdecl]<nint, void> target = &Release;
        code[0] = 0x48; // mov rax, target
        code[1] = 0xB8;
        *(nint*)(address + 2) = (nint)target;
        code[10] = 0xFF; // jmp rax
        code[11] = 0xE0;
        return mprotect(page, length, ReadExecute) == 0;
    }

    /// <summary>Takes the place of the function: the block was made by operator new and holds a plain number, so free is enough.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Release(nint scalar)
    {
        if (scalar == 0)
            return;
        lock (s_gate)
        {
            if (Environment.TickCount64 - s_turned > Delay)
            {
                s_turned = Environment.TickCount64;
                foreach (var old in s_older)
                    NativeMemory.Free((void*)old);
                (s_older, s_recent) = (s_recent, s_older);
                s_recent.Clear();
            }

            s_recent.Add(scalar);
        }
    }

    [DllImport("libc", EntryPoint = "mprotect")]
    private static extern int mprotect(nint address, nuint length, int protection);
}
