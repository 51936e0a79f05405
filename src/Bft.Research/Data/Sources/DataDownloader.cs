using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Bft.Research.Data.Sources;

/// <summary>How far a download is.</summary>
/// <param name="File">The file.</param>
/// <param name="Received">Bytes on disk, those of an earlier attempt included.</param>
/// <param name="Total">Bytes in all, or null when neither catalogue nor server says.</param>
public readonly record struct DownloadProgress(DataFile File, long Received, long? Total);

/// <summary>A file that could not be fetched as it should be. Nothing is left under its name.</summary>
public sealed class DownloadException(DataFile file, string expected, string actual) : Exception($"{file.Source}: expected {expected}, actual {actual}.")
{
    /// <summary>The file.</summary>
    public DataFile File { get; } = file;
}

/// <summary>Fetches published files: resumes what was begun, checks size and checksum, and puts a file under its name only when it is whole.</summary>
/// <remarks>A half-fetched file is kept beside its target as <c>*.part</c>. It is resumed only when a checksum can tell whether the two halves belong together.</remarks>
public sealed class DataDownloader(HttpClient client)
{
    private const int BufferSize = 1 << 16;

    /// <summary>Fetches the files of a set that are not there yet.</summary>
    /// <exception cref="DownloadException">A file is not what the catalogue says, or the server refuses it.</exception>
    public async Task GetAsync(DataSet set, DataFolder folder, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        foreach (var file in set.Files)
            if (!folder.Has(file))
                await GetAsync(file, folder, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Fetches a file, replacing one of the same name.</summary>
    /// <exception cref="DownloadException">It is not what the catalogue says, or the server refuses it.</exception>
    public async Task GetAsync(DataFile file, DataFolder folder, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var target = folder.PathOf(file.Target);
        var part = target + ".part";
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (file.Sha256 is null || (File.Exists(part) && new FileInfo(part).Length > (file.Bytes ?? long.MaxValue)))
            File.Delete(part);
        var begun = File.Exists(part) ? new FileInfo(part).Length : 0;
        if (begun == 0 || begun != file.Bytes)
            await ReceiveAsync(file, part, begun, progress, cancellationToken).ConfigureAwait(false);
        await CheckAsync(file, part, cancellationToken).ConfigureAwait(false);
        File.Move(part, target, overwrite: true);
    }

    private async Task ReceiveAsync(DataFile file, string part, long begun, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, file.Source);
        if (begun > 0)
            request.Headers.Range = new RangeHeaderValue(begun, null);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            File.Delete(part);
            throw new DownloadException(file, $"a file of more than {begun} bytes", "a shorter one; the beginning was thrown away, try again");
        }

        if (!response.IsSuccessStatusCode)
            throw new DownloadException(file, "the file", $"HTTP status {(int)response.StatusCode}");
        var resumed = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == begun;
        var received = resumed ? begun : 0;
        var total = file.Bytes ?? received + response.Content.Headers.ContentLength;

        var source = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = source.ConfigureAwait(false);
        await using var sink = new FileStream(part, resumed ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.None, BufferSize);
        var buffer = new byte[BufferSize];
        for (int read; (read = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            await sink.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            received += read;
            progress?.Report(new(file, received, total));
            if (file.Bytes is { } most && received > most)
                break; // the size check refuses it
        }

        sink.Flush(flushToDisk: true);
    }

    private static async Task CheckAsync(DataFile file, string part, CancellationToken cancellationToken)
    {
        var length = new FileInfo(part).Length;
        if (file.Bytes is { } bytes && length != bytes)
        {
            if (length > bytes)
                File.Delete(part);
            throw new DownloadException(file, $"{bytes} bytes", $"{length} bytes{(length < bytes ? "; fetch again to resume" : "")}");
        }

        if (file.Sha256 is null)
            return;
        string sha256;
        await using (var stream = File.OpenRead(part))
            sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
        if (sha256 == file.Sha256)
            return;
        File.Delete(part);
        throw new DownloadException(file, $"sha256 {file.Sha256}", $"sha256 {sha256}");
    }
}
