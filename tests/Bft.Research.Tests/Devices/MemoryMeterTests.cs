using Bft.Research.Devices;

namespace Bft.Research.Tests.Devices;

/// <summary>Memory of the process and of cards, and what counts as the peak of a step.</summary>
[Collection(nameof(MadeUpDriver))]
public class MemoryMeterTests
{
    private static string Status(long now, long most) => $"Name:\tx\nVmHWM:\t{most} kB\nVmRSS:\t{now} kB\n";

    [Fact]
    public void A_new_high_water_mark_is_the_peak_of_its_step()
    {
        using var machine = new MadeUpFiles(("proc/self/status", Status(100, 200)), ("proc/meminfo", "MemTotal:       1000 kB\n"));
        var meter = MemoryMeter.Of(torch.CPU, new() { Files = machine.Files });
        Assert.Equal(1000 * 1024, meter.TotalBytes);
        Assert.Contains("VmRSS", meter.Source);
        machine.Write("proc/self/status", Status(150, 300)); // rose to 300 and fell again before it was read
        Assert.Equal((300 * 1024, 300 * 1024), (meter.Read(), meter.PeakBytes)); // the wrong variant reads what is held now: 150
        machine.Write("proc/self/status", Status(120, 300));
        Assert.Equal((120 * 1024, 300 * 1024), (meter.Read(), meter.PeakBytes)); // the mark is an older step's
        machine.Write("proc/self/status", "");
        Assert.Equal(0, meter.Read());
    }

    [Fact]
    public void The_memory_of_this_process_is_seen()
    {
        NativeLibraries.EnsureLoaded();
        var meter = MemoryMeter.Of(torch.CPU);
        _ = meter.Read();
        using (torch.ones(64 << 20)) // 256 MB in float32
            Assert.InRange(meter.Read(), 256L << 20, long.MaxValue);
        Assert.InRange(meter.PeakBytes, 256L << 20, meter.TotalBytes!.Value);
    }

    [Fact]
    public void On_a_card_it_is_the_process_or_else_all_processes()
    {
        MadeUpDriver.Now = new();
        var machine = new Machine { Driver = () => new(MadeUpDriver.Libraries()), ProcessId = MadeUpDriver.Process };
        NativeLibraries.EnsureLoaded();
        var card = new torch.Device(DeviceType.CUDA, 0);
        var own = MemoryMeter.Of(card, machine);
        Assert.Equal((3_000_000_000, 80_000_000_000), (own.Read(), own.TotalBytes));
        Assert.Contains("of the process on cuda:0", own.Source);
        var all = MemoryMeter.Of(card, machine with { ProcessId = 1 });
        Assert.Equal(20_000_000_000, all.Read());
        Assert.Contains("all processes", all.Source);
        var none = MemoryMeter.Of(card, machine with { Driver = () => new(_ => null) });
        Assert.Equal((0, 0), (none.Read(), none.PeakBytes));
        Assert.StartsWith("not known", none.Source);
    }
}
