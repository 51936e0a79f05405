using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Bft.Research.Devices;
using Microsoft.Win32.SafeHandles;

namespace Bft.Research.Checkpoints;

/// <summary>A read-only memory mapping of a whole file, with tensors that lie directly on its pages.</summary>
/// <remarks>The mapping lives until it is disposed <em>and</em> the last such tensor is gone, so a tensor never outlives its pages.</remarks>
internal sealed unsafe class MappedFile : IDisposable
{
    private static readonly Lock s_gate = new();
    private static readonly Dictionary<nint, (SafeMemoryMappedViewHandle Handle, int Count)> s_viewed = [];
    private static readonly Deleter s_release = Release; // native code keeps this pointer: never collected
    private readonly MemoryMappedViewAccessor _accessor;
    private bool _disposed;

    private MappedFile(string path, MemoryMappedViewAccessor accessor, long length)
    {
        Path = path;
        Length = length;
        _accessor = accessor;
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void Deleter(nint data);

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>Length in bytes.</summary>
    public long Length { get; }

    /// <summary>Maps a file.</summary>
    /// <exception cref="CheckpointException">The file is absent, unreadable or empty.</exception>
    public static MappedFile Open(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var length = stream.Length;
            if (length == 0)
                throw new CheckpointException(path, "file", "a header", "0 bytes");
            using var file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            return new(path, file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read), length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, "file", "a readable file", e.Message, e);
        }
    }

    /// <summary>Bytes of the file.</summary>
    public ReadOnlySpan<byte> Bytes(long offset, int count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - count);
        return new((byte*)_accessor.SafeMemoryMappedViewHandle.DangerousGetHandle() + offset, count);
    }

    /// <summary>A CPU tensor on the mapped pages. Reading is free of copies; <strong>writing ends the process</strong>.</summary>
    /// <param name="offset">First byte of the tensor.</param>
    /// <param name="shape">Dimensions, row-major; the caller has checked that they fit the file and hold at least one element.</param>
    /// <param name="dtype">Element type.</param>
    public Tensor View(long offset, ReadOnlySpan<long> shape, torch.ScalarType dtype)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        NativeLibraries.EnsureLoaded();
        torch.InitializeDeviceType(DeviceType.CPU);
        var data = _accessor.SafeMemoryMappedViewHandle.DangerousGetHandle() + (nint)offset;
        Hold(data);
        nint tensor;
        fixed (long* sizes = shape)
        {
            long none = 0;
            tensor = THSTensor_new(data, s_release, sizes is null ? &none : sizes, shape.Length, (sbyte)dtype, (sbyte)dtype, (int)DeviceType.CPU, -1, 0);
        }

        if (tensor == 0)
        {
            Release(data);
            torch.CheckForErrors();
        }

        return Tensor.UnsafeCreateTensor(tensor);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _accessor.Dispose();
    }

    private void Hold(nint data)
    {
        var (handle, added) = (_accessor.SafeMemoryMappedViewHandle, false);
        handle.DangerousAddRef(ref added);
        lock (s_gate)
            s_viewed[data] = (handle, s_viewed.TryGetValue(data, out var held) ? held.Count + 1 : 1);
    }

    private static void Release(nint data)
    {
        SafeMemoryMappedViewHandle handle;
        lock (s_gate)
        {
            (handle, var count) = s_viewed[data];
            if (count > 1)
                s_viewed[data] = (handle, count - 1);
            else
                s_viewed.Remove(data);
        }

        handle.DangerousRelease();
    }

    [DllImport("LibTorchSharp")]
    private static extern nint THSTensor_new(
        nint data, Deleter deleter, long* sizes, int dimensions, sbyte type, sbyte dtype, int device, int deviceIndex, byte requiresGrad);
}
