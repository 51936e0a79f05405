namespace Bft.Research.Devices;

/// <summary>A library of the NVIDIA driver answered with an error, or lacks a function.</summary>
internal sealed class DriverException(string function, int code, string what) : Exception($"{function}: {what} (code {code})")
{
    /// <summary>The library's own code; <see cref="FunctionMissing"/> when it has no such function.</summary>
    public int Code { get; } = code;

    /// <summary>Code of a missing function.</summary>
    public const int FunctionMissing = 13;
}
