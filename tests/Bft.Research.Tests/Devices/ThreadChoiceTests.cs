using Bft.Research.Devices;

namespace Bft.Research.Tests.Devices;

/// <summary>How many threads are taken, from descriptions of processors and of control groups.</summary>
public class ThreadChoiceTests
{
    /// <summary>Two cores with two threads each, as Linux lists them.</summary>
    private const string TwoCores = """
        processor	: 0
        physical id	: 0
        core id		: 0

        processor	: 1
        physical id	: 0
        core id		: 1

        processor	: 2
        physical id	: 0
        core id		: 0

        processor	: 3
        physical id	: 0
        core id		: 1

        """;

    [Fact]
    public void One_thread_a_core()
    {
        using var machine = new MadeUpFiles(("proc/cpuinfo", TwoCores));
        Assert.Equal(new(2, "cores; the 4 processors are threads of these"), ThreadChoice.Pick(null, 4, machine.Files, 4)); // the wrong variant: 4
        machine.Write("proc/self/status", "Cpus_allowed_list:\t0,2\n");
        Assert.Equal(1, ThreadChoice.Pick(null, 2, machine.Files, 2).Threads); // both processors of the first core
        machine.Write("proc/self/status", "Cpus_allowed_list:\t0-1\n");
        Assert.Equal(new(2, "libtorch's own number"), ThreadChoice.Pick(null, 2, machine.Files, 2));
        using var untold = new MadeUpFiles(("proc/cpuinfo", "processor\t: 0\nBogoMIPS\t: 50\n"));
        Assert.Equal(8, ThreadChoice.Pick(null, 8, untold.Files, 8).Threads);
    }

    [Theory]
    [InlineData("sys/fs/cgroup/cpu.max", "150000 100000\n", 1)]
    [InlineData("sys/fs/cgroup/cpu.max", "50000 100000\n", 1)]
    [InlineData("sys/fs/cgroup/cpu.max", "max 100000\n", 2)]
    [InlineData("sys/fs/cgroup/cpu.max", "800000 100000\n", 2)]
    public void The_share_of_a_control_group_counts(string file, string text, int threads)
    {
        using var machine = new MadeUpFiles(("proc/cpuinfo", TwoCores), (file, text));
        Assert.Equal(threads, ThreadChoice.Pick(null, 4, machine.Files, 4).Threads);
    }

    [Fact]
    public void The_older_form_of_control_groups_counts_too()
    {
        using var machine = new MadeUpFiles(("proc/cpuinfo", TwoCores), ("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000\n"), ("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"));
        Assert.Equal(new(1, "the control group grants the time of 1 processors"), ThreadChoice.Pick(null, 4, machine.Files, 4));
        machine.Write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
        Assert.Equal(2, ThreadChoice.Pick(null, 4, machine.Files, 4).Threads);
    }

    [Fact]
    public void What_is_asked_for_wins_and_a_smaller_number_of_libtorch_stays()
    {
        using var machine = new MadeUpFiles(("proc/cpuinfo", TwoCores));
        Assert.Equal(new(3, "asked for"), ThreadChoice.Pick(3, 1, machine.Files, 4));
        Assert.Equal(new(1, "libtorch's own number"), ThreadChoice.Pick(null, 1, machine.Files, 4)); // OMP_NUM_THREADS=1
        machine.Write("sys/fs/cgroup/cpu.max", "150000 100000\n");
        Assert.Equal(new(1, "the control group grants the time of 1.5 processors"), ThreadChoice.Pick(null, 4, machine.Files, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => ThreadChoice.Pick(0, 4, machine.Files, 4));
    }
}
