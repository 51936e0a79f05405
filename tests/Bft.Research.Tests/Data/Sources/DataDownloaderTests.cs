using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Bft.Research.Data.Sources;
using Bft.Tests;

namespace Bft.Research.Tests.Data.Sources;

public sealed class DataDownloaderTests : IDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31 % 251))];

    private readonly DataFolder _folder = new(Directory.CreateTempSubdirectory("data").FullName);
    private readonly FileServer _server = new(Content);
    private readonly HttpClient _client = new();

    public void Dispose()
    {
        _server.Dispose();
        _client.Dispose();
        Directory.Delete(_folder.Root, recursive: true);
    }

    [Fact]
    public async Task A_file_arrives_whole_and_is_not_fetched_twice()
    {
        var set = Set(Wanted());
        await new DataDownloader(_client).GetAsync(set, _folder);
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.False(File.Exists(Part));
        await new DataDownloader(_client).GetAsync(set, _folder);
        Assert.Equal(1, _server.Requests);
    }

    [Fact]
    public async Task What_was_broken_off_is_resumed()
    {
        _server.BreakAfter = 100_000;
        await Assert.ThrowsAnyAsync<Exception>(() => new DataDownloader(_client).GetAsync(Wanted(), _folder));
        Assert.False(File.Exists(Target)); // nothing half-written under the name
        var kept = new FileInfo(Part).Length;
        Assert.InRange(kept, 1, 100_000);
        _server.BreakAfter = null;
        var seen = new List<long>();
        await new DataDownloader(_client).GetAsync(Wanted(), _folder, new Recorder(seen));
        Assert.Equal($"bytes={kept}-", _server.LastRange);
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal(Content.Length, seen[^1]);
        Assert.True(seen[0] > kept);
    }

    [Fact]
    public async Task A_server_that_ignores_the_range_starts_over()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Part)!);
        File.WriteAllBytes(Part, [1, 2, 3]);
        _server.IgnoresRange = true;
        await new DataDownloader(_client).GetAsync(Wanted(), _folder);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_beginning_that_does_not_belong_is_refused_and_thrown_away()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Part)!);
        File.WriteAllBytes(Part, new byte[1000]);
        var error = await Assert.ThrowsAsync<DownloadException>(() => new DataDownloader(_client).GetAsync(Wanted(), _folder));
        Assert.Contains("sha256", error.Message);
        Assert.False(File.Exists(Target));
        Assert.False(File.Exists(Part));
    }

    [Fact]
    public async Task A_wrong_checksum_leaves_the_old_file_alone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        File.WriteAllText(Target, "old");
        var wrong = Wanted() with { Sha256 = new string('0', 64) };
        await Assert.ThrowsAsync<DownloadException>(() => new DataDownloader(_client).GetAsync(wrong, _folder));
        Assert.Equal("old", File.ReadAllText(Target));
    }

    [Fact]
    public async Task A_wrong_size_and_a_missing_file_are_named()
    {
        var error = await Assert.ThrowsAsync<DownloadException>(() => new DataDownloader(_client).GetAsync(Wanted() with { Bytes = 10 }, _folder));
        Assert.Contains("expected 10 bytes", error.Message);
        error = await Assert.ThrowsAsync<DownloadException>(() => new DataDownloader(_client).GetAsync(Wanted() with { Source = new(_server.Address, "missing") }, _folder));
        Assert.Contains("404", error.Message);
    }

    [Fact]
    public async Task Without_a_checksum_nothing_is_resumed()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Part)!);
        File.WriteAllBytes(Part, [1, 2, 3]);
        await new DataDownloader(_client).GetAsync(Wanted() with { Sha256 = null, Bytes = null }, _folder);
        Assert.Null(_server.LastRange);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public void The_catalogue_names_every_file_once_and_below_the_folder()
    {
        var files = DataCatalogue.Default.Sets.SelectMany(set => set.Files).ToList();
        Assert.Equal(files.Count, files.Select(file => file.Target).Distinct().Count());
        Assert.All(files, file => Assert.Equal("https", file.Source.Scheme));
        Assert.All(files, file => Assert.StartsWith(_folder.Root, _folder.PathOf(file.Target)));
        Assert.All(files.Where(file => file.Sha256 is not null), file => Assert.Equal((64, true), (file.Sha256!.Length, file.Bytes > 0)));
        Assert.Contains("sft-samples", Assert.Throws<ArgumentException>(() => DataCatalogue.Default.Find("nothing")).Message);
        Assert.Contains("bft data get sft-samples", Assert.Throws<FileNotFoundException>(() => _folder.Require("sft-samples/chatdoctor5k.json")).Message);
        Assert.Throws<ArgumentException>(() => _folder.PathOf("../outside"));
        Assert.EndsWith(Path.Combine("cache", "bft", "data"), DataFolder.Resolve("", "/cache").Root);
    }

    [Fact]
    public void Checksums_of_the_catalogue_are_those_of_the_files_beside_the_checkout()
    {
        var data = new DataFolder(SharedFolder.Require("data"));
        foreach (var file in DataCatalogue.Default.Find("sft-samples").Files.Concat(DataCatalogue.Default.Find("medical-qa").Files).Where(file => file.Sha256 is not null))
            Assert.Equal(file.Sha256, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(data.Require(file.Target)))));
    }

    private string Target => _folder.PathOf("a/b.bin");

    private string Part => Target + ".part";

    private DataFile Wanted() => new(new(_server.Address, "b.bin"), "a/b.bin", Content.Length, Convert.ToHexStringLower(SHA256.HashData(Content)));

    private static DataSet Set(DataFile file) => new() { Name = "a", About = "", Licence = "", Pages = [], Files = [file] };

    private sealed class Recorder(List<long> seen) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => seen.Add(value.Received);
    }

    /// <summary>Serves one file on the loopback interface, with ranges, and breaks off when told.</summary>
    private sealed class FileServer : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly byte[] _content;

        public FileServer(byte[] content)
        {
            _content = content;
            using (var probe = new TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                Address = new($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/");
            }

            _listener.Prefixes.Add(Address.ToString());
            _listener.Start();
            _ = Task.Run(Serve);
        }

        public Uri Address { get; }

        public int Requests { get; private set; }

        public string? LastRange { get; private set; }

        public int? BreakAfter { get; set; }

        public bool IgnoresRange { get; set; }

        public void Dispose() => _listener.Close();

        private async Task Serve()
        {
            while (_listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }

                Requests++;
                Answer(context);
            }
        }

        private void Answer(HttpListenerContext context)
        {
            LastRange = context.Request.Headers["Range"];
            if (context.Request.Url!.AbsolutePath != "/b.bin")
            {
                context.Response.StatusCode = 404;
                context.Response.Close();
                return;
            }

            var from = LastRange is { } range && !IgnoresRange ? int.Parse(range["bytes=".Length..^1]) : 0;
            context.Response.StatusCode = from > 0 ? 206 : 200;
            if (from > 0)
                context.Response.Headers["Content-Range"] = $"bytes {from}-{_content.Length - 1}/{_content.Length}";
            context.Response.ContentLength64 = _content.Length - from;
            var end = BreakAfter is { } most ? Math.Min(most, _content.Length) : _content.Length;
            context.Response.OutputStream.Write(_content, from, end - from);
            context.Response.OutputStream.Flush();
            if (BreakAfter is null)
                context.Response.Close();
            else
                context.Response.Abort();
        }
    }
}
