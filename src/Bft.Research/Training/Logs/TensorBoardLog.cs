using System.Buffers.Binary;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Tensorboard;

namespace Bft.Research.Training;

/// <summary>Writes reports as an event file that TensorBoard shows: one scalar a number, <c>train/</c>, <c>held_out/</c> and <c>general/</c> before the names of the training log.</summary>
/// <remarks>
/// The messages are those that TorchSharp brings (<c>tensorboard.Event</c>). Its own <c>SummaryWriter</c> is not used: it keeps wall time in a float32, that is to two minutes,
/// opens the file anew for every scalar and puts the name of the computer into the file's name. A record is its length (8 bytes), the masked CRC-32C of these, the message, and
/// the masked CRC-32C of the message, as TensorFlow's <c>record_writer</c> documents it. Numbers that are absent or not finite are left out.
/// </remarks>
public sealed class TensorBoardLog : IRunLog
{
    private readonly FileStream _file;
    private readonly TimeProvider _time;

    /// <summary>Starts an event file; one that goes on from a checkpoint is a further file in the same folder, which TensorBoard joins by step.</summary>
    /// <param name="folder">Folder of the run; made when absent.</param>
    /// <param name="time">Clock of the events; null for the system's.</param>
    public TensorBoardLog(string folder, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        Directory.CreateDirectory(folder);
        var name = $"events.out.tfevents.{_time.GetUtcNow().ToUnixTimeSeconds()}.bft";
        var number = Directory.EnumerateFiles(folder, $"{name}.*").Count();
        _file = new(Path.Combine(folder, $"{name}.{number}"), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        Write(new Event { FileVersion = "brain.Event:2" });
    }

    /// <inheritdoc/>
    public void Report(StepReport value) => Scalars("train", value.Step, JsonSerializer.SerializeToNode(value, TrainingLog.Json)!.AsObject());

    /// <inheritdoc/>
    public void Report(EvaluationReport value) => Scalars(value.Set == EvaluationSet.General ? "general" : "held_out", value.Step, JsonSerializer.SerializeToNode(value, TrainingLog.Json)!.AsObject());

    /// <summary>Does nothing: a step that was left out has no numbers.</summary>
    public void Report(SkippedStep value)
    {
    }

    /// <summary>Writes nothing: an event file has numbers over steps.</summary>
    public void Report(DeviceReport value)
    {
    }

    /// <inheritdoc/>
    public void Flush() => _file.Flush(flushToDisk: true);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Scalars(string group, int step, JsonObject fields)
    {
        var message = new Event { Step = step, Summary = new() };
        foreach (var (tag, number) in Numbers(group, fields).Where(field => field.Tag != $"{group}/step"))
            message.Summary.Value.Add(new Summary.Types.Value { Tag = tag, SimpleValue = (float)number });
        Write(message);
    }

    private static IEnumerable<(string Tag, double Number)> Numbers(string path, JsonObject fields) => fields.SelectMany(field => field.Value switch
    {
        JsonObject inner => Numbers($"{path}/{field.Key}", inner),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number => [($"{path}/{field.Key}", value.GetValue<double>())],
        _ => Enumerable.Empty<(string, double)>(),
    });

    private void Write(Event message)
    {
        message.WallTime = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        var payload = message.ToByteArray();
        var record = new byte[payload.Length + 16];
        BinaryPrimitives.WriteInt64LittleEndian(record, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedCrc(record.AsSpan(0, 8)));
        payload.CopyTo(record.AsSpan(12));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + payload.Length), MaskedCrc(payload));
        _file.Write(record);
        _file.Flush();
    }

    /// <summary>CRC-32C, rotated right by 15 bits, plus a constant: records may hold records, whose checksums must not look like theirs.</summary>
    private static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }
}
