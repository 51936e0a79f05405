using System.Buffers.Binary;
using System.Text;
using Bft.Research.Tests.Checkpoints;
using Bft.Research.Training;

namespace Bft.Research.Tests.Training;

/// <summary>Event files, read by a reader of their own: framing, checksums bit by bit, and the fields of the messages by number.</summary>
public class TensorBoardLogTests
{
    [Fact]
    public void Scalars_can_be_read_back()
    {
        using var folder = new ScratchFolder();
        var report = new StepReport
        {
            Step = 300,
            Loss = 0.5,
            MeanNll = 1.25,
            SupervisedTokens = 7,
            GradientNorm = double.NaN,
            LearningRate = 1e-4,
            WeightMass = 1,
            SequenceWeightMean = 0.5,
            SequenceWeights = new(0.1, 0.2, 0.3, 0.4, 0.5),
            PeakMemoryBytes = 5_000_000_000,
            Seconds = 1,
        };
        var time = new HandClock();
        using (var log = new TensorBoardLog(folder.Path, time))
        {
            time.Advance(0.25);
            log.Report(report);
            log.Report(new EvaluationReport(300, 5, 2.5, 0.25, 0.125));
        }

        var events = Events(File.ReadAllBytes(Assert.Single(Directory.GetFiles(folder.Path))));
        Assert.Equal(3, events.Count);
        Assert.Equal("brain.Event:2", events[0].Version);
        var start = new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        Assert.Equal(start + 0.25, events[1].WallTime); // a float32 could not hold this
        Assert.Equal([300, 300], events.Skip(1).Select(e => e.Step));
        var scalars = events[1].Scalars;
        Assert.Equal((1.25f, 0.5f, 1e-4f, 5e9f), (scalars["train/meanNll"], scalars["train/loss"], scalars["train/learningRate"], scalars["train/peakMemoryBytes"]));
        Assert.Equal((0.3f, 7f), (scalars["train/sequenceWeights/median"], scalars["train/supervisedTokensPerSecond"]));
        Assert.DoesNotContain(scalars.Keys, tag => tag is "train/gradientNorm" or "train/mfu" or "train/step"); // not a number, not known, the axis itself
        Assert.Equal((2.5f, 0.25f), (events[2].Scalars["held_out/meanNll"], events[2].Scalars["held_out/accuracy"]));
    }

    [Fact]
    public void Every_wrong_byte_is_seen()
    {
        using var folder = new ScratchFolder();
        using (var log = new TensorBoardLog(folder.Path, new HandClock()))
            log.Report(new EvaluationReport(1, 5, 2.5, 0.25, 0.125));
        var bytes = File.ReadAllBytes(Assert.Single(Directory.GetFiles(folder.Path)));
        for (var at = 0; at < bytes.Length; at++)
        {
            byte[] wrong = [.. bytes];
            wrong[at] ^= 4;
            Assert.ThrowsAny<Exception>(() => Events(wrong));
        }
    }

    /// <summary>The reader accepts what TorchSharp's own writer makes, so both have the same framing.</summary>
    [Fact]
    public void The_reader_reads_the_files_of_another_writer()
    {
        Bft.Research.Devices.NativeLibraries.EnsureLoaded();
        using var folder = new ScratchFolder();
        torch.utils.tensorboard.SummaryWriter(folder.Path).add_scalar("a/b", 1.5f, 3);
        var events = Events(File.ReadAllBytes(Assert.Single(Directory.GetFiles(folder.Path))));
        Assert.Equal((3L, 1.5f), (events[^1].Step, events[^1].Scalars["a/b"]));
    }

    [Fact]
    public void A_run_that_goes_on_starts_a_further_file()
    {
        using var folder = new ScratchFolder();
        var time = new HandClock();
        new TensorBoardLog(folder.Path, time).Dispose();
        new TensorBoardLog(folder.Path, time).Dispose();
        Assert.Equal(2, Directory.GetFiles(folder.Path, "events.out.tfevents.*").Length);
    }

    private sealed record Entry(double WallTime, long Step, string Version, Dictionary<string, float> Scalars);

    private static List<Entry> Events(byte[] file)
    {
        List<Entry> events = [];
        for (var at = 0; at < file.Length;)
        {
            var length = checked((int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at)));
            Assert.Equal(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            var payload = file.AsSpan(at + 12, length).ToArray();
            Assert.Equal(Masked(payload), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            events.Add(Read(payload));
            at += length + 16;
        }

        return events;
    }

    /// <summary>CRC-32C by its definition: bit by bit, reflected polynomial 0x82f63b78; masked as records demand.</summary>
    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xffffffffu;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
        }

        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }

    /// <summary>Event: 1 wall time (double), 2 step (int64), 3 file version, 5 summary; its 1 is a value: 1 tag, 2 simple value (float).</summary>
    private static Entry Read(byte[] payload)
    {
        var fields = Fields(payload).ToList();
        var values = fields.Where(f => f.Number == 5).SelectMany(f => Fields(f.Bytes)).Where(f => f.Number == 1).Select(f => Fields(f.Bytes).ToList());
        return new(
            BitConverter.ToDouble(Assert.Single(fields, f => f.Number == 1).Bytes),
            (long)fields.SingleOrDefault(f => f.Number == 2).Varint,
            Encoding.UTF8.GetString(fields.SingleOrDefault(f => f.Number == 3).Bytes ?? []),
            values.ToDictionary(value => Encoding.UTF8.GetString(value.Single(f => f.Number == 1).Bytes), value => BitConverter.ToSingle(value.Single(f => f.Number == 2).Bytes)));
    }

    private static IEnumerable<(int Number, ulong Varint, byte[] Bytes)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message, ref at);
            var number = (int)(key >> 3);
            var size = (key & 7) switch { 0 => 0, 1 => 8, 5 => 4, 2 => (int)Varint(message, ref at), _ => throw new InvalidDataException($"wire type {key & 7}") };
            var varint = (key & 7) == 0 ? Varint(message, ref at) : 0;
            yield return (number, varint, message[at..(at + size)]);
            at += size;
        }
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            value |= (ulong)(message[at] & 0x7f) << shift;
            if (message[at++] < 0x80)
                return value;
        }
    }
}
