using Microsoft.DotNet.Interactive.Formatting;

namespace Bft.Notebooks.Engine;

/// <summary>Texts that cells keep with <c>#!value</c>, for both languages to share.</summary>
internal sealed class KeptTexts
{
    private readonly Dictionary<string, (string MimeType, string Text)> _texts = [];
    private string? _next;
    private string _mimeType = "";

    /// <summary>The names.</summary>
    public IEnumerable<string> Names => _texts.Keys;

    /// <summary>Reads the line: where the text comes from, or that it follows.</summary>
    /// <exception cref="CellDirectiveException">An argument is wrong, or the file or address cannot be read.</exception>
    public async Task BeginAsync(DirectivePart part, string folder, CancellationToken cancellationToken)
    {
        var arguments = DirectiveArguments.Read(part, null, ["--name", "--from-file", "--from-url", "--mime-type"]);
        (_next, _mimeType) = (arguments.Require("--name"), arguments.Get("--mime-type", PlainTextFormatter.MimeType));
        if (arguments.Has("--from-file") && arguments.Has("--from-url"))
            throw arguments.Wrong("--from-file and --from-url exclude each other");
        try
        {
            if (arguments.Has("--from-file"))
                Keep(await File.ReadAllTextAsync(Path.Combine(folder, arguments.Require("--from-file")), cancellationToken).ConfigureAwait(false));
            else if (arguments.Has("--from-url"))
                Keep(await FetchAsync(arguments.Require("--from-url"), cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or HttpRequestException or UriFormatException or NotSupportedException)
        {
            throw arguments.Wrong(e.Message.TrimEnd('.'));
        }
    }

    /// <summary>Takes the text that follows such a line.</summary>
    /// <exception cref="CellDirectiveException">The line has said where the text comes from.</exception>
    public void Keep(CodePart text)
    {
        if (_next is null)
            throw new CellDirectiveException(text.Line, "#!value: the text is given twice.");
        Keep(text.Text);
    }

    /// <summary>A text, or what its JSON says.</summary>
    public bool TryGet(string name, out object? value)
    {
        var found = _texts.TryGetValue(name, out var kept);
        value = found ? SharedValue.Of(kept.MimeType, kept.Text) : null;
        return found;
    }

    private void Keep(string text)
    {
        _texts[_next!] = (_mimeType, text);
        _next = null;
    }

    private static async Task<string> FetchAsync(string address, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri(address), cancellationToken).ConfigureAwait(false);
    }
}
