using Bft.Notebooks.Running;

namespace Bft.Notebooks.Tests.Running;

/// <summary>Another notebook starts only where its memory is left.</summary>
public sealed class MemoryGateTests : IDisposable
{
    private const long Megabyte = 1 << 20;
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData(1000, new long[0], true)] // the first always starts
    [InlineData(1000, new long[] { 0 }, false)] // the running one will take 600 of the 1000
    [InlineData(1200, new long[] { 0 }, true)]
    [InlineData(1000, new long[] { 200 }, true)] // it has 200 already
    [InlineData(1799, new long[] { 0, 0 }, false)]
    [InlineData(1800, new long[] { 0, 0 }, true)]
    [InlineData(600, new long[] { 900, 900 }, true)] // both have more than they were given
    [InlineData(599, new long[] { 900, 900 }, false)]
    public void Memory_that_running_notebooks_will_take_is_not_given_away(long available, long[] taken, bool expected) =>
        Assert.Equal(expected, Gate(available).Allows([.. taken.Select(megabytes => megabytes * Megabyte)]));

    [Fact]
    public void Where_the_system_does_not_tell_memory_suffices() => Assert.True(new MemoryGate(long.MaxValue / 4, "/no/such/file").Allows([1]));

    [Fact]
    public void This_process_takes_memory_and_one_that_ended_takes_none()
    {
        Assert.InRange(MemoryGate.ResidentBytes(Environment.ProcessId), 10 * Megabyte, long.MaxValue);
        Assert.Equal(0, MemoryGate.ResidentBytes(int.MaxValue));
    }

    private MemoryGate Gate(long megabytes)
    {
        File.WriteAllText(_file, $"MemTotal:       99999999 kB\nMemFree:            1000 kB\nMemAvailable:   {megabytes * 1024} kB\nBuffers: 1 kB\n");
        return new MemoryGate(600 * Megabyte, _file);
    }
}
