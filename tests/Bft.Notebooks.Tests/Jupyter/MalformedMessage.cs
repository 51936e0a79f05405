using System.Text;

namespace Bft.Notebooks.Tests.Jupyter;

/// <summary>A message that no good front end sends.</summary>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Channel">Where it is sent.</param>
/// <param name="Frames">What is sent, given the key.</param>
/// <param name="Answer">Status of the reply; null when there is none.</param>
/// <param name="Reason">Part of what the kernel says about it, in its log or in the reply; null when it says nothing.</param>
internal sealed record MalformedMessage(string Name, string Channel, Func<string, List<byte[]>> Frames, string? Answer, string? Reason)
{
    private const string Info = "kernel_info_request";
    private const string Deep = "[[[[[[[[[[";

    /// <summary>The table.</summary>
    public static IReadOnlyList<MalformedMessage> All { get; } = [.. Frame(), .. Signatures(), .. Headers(), .. Parts(), .. Types(), .. Arguments()];

    /// <summary>A header with a new id.</summary>
    public static string Header(string type) => $$"""{"msg_id":"{{Guid.NewGuid()}}","msg_type":"{{type}}","session":"s","username":"u","version":"5.3"}""";

    private static List<byte[]> Good(string key, string type = Info, string content = "{}") => KernelClient.Sign(key, Header(type), "{}", "{}", content);

    private static IEnumerable<MalformedMessage> Frame()
    {
        const string Count = "are not identities, delimiter, signature and four parts";
        yield return new("one empty frame", "shell", _ => [[]], null, Count);
        yield return new("seven empty frames", "control", _ => [.. Enumerable.Range(0, 7).Select(_ => Array.Empty<byte>())], null, Count);
        yield return new("5,000 identities and nothing else", "shell", _ => [.. Enumerable.Range(0, 5000).Select(_ => new byte[3])], null, Count);
        yield return new("a frame of 32 MB", "shell", _ => [new byte[32 << 20]], null, Count);
        for (var count = 1; count < 6; count++)
        {
            var kept = count;
            yield return new($"{kept} of six frames", kept % 2 == 0 ? "stdin" : "shell", key => Good(key)[..kept], null, Count);
        }

        yield return new("a delimiter with one letter changed", "shell", key => [.. Good(key).Select((frame, at) => at == 0 ? "<IDS|MSG]"u8.ToArray() : frame)], null, Count);
        yield return new("5,000 identities before a good message", "shell", key => [.. Enumerable.Range(0, 5000).Select(_ => new byte[3]), .. Good(key)], "ok", null);
        yield return new("an empty identity before a good message", "control", key => [[], .. Good(key)], "ok", null);
        yield return new("buffers after a good message", "shell", key => [.. Good(key), [1], new byte[1 << 20]], "ok", null);
        yield return new("content of 16 MB that is not needed", "control", key => Good(key, Info, $$"""{"padding":"{{new string('x', 16 << 20)}}"}"""), "ok", null);
    }

    private static IEnumerable<MalformedMessage> Signatures()
    {
        const string Wrong = "The signature is wrong";
        yield return Signed("no signature", _ => []);
        yield return Signed("a signature that is no hexadecimal number", signature => [.. signature[..^1], (byte)'z']);
        yield return Signed("a signature with a bit changed", signature => [.. signature[..^1], signature[^1] == '0' ? (byte)'1' : (byte)'0']);
        yield return Signed("half a signature", signature => signature[..32]);
        yield return Signed("a signature that is too long", signature => [.. signature, .. signature]);
        yield return Signed("a signature of 255s", signature => [.. signature.Select(_ => (byte)255)]);
        yield return new("the signature of another key", "control", _ => Good("another key"), null, Wrong);
        yield return new("content changed after signing", "shell", key => [.. Good(key)[..5], "{\"code\":\"1\"}"u8.ToArray()], null, Wrong);
        yield return new("parts in another order", "shell", key => Good(key) is var good ? [good[0], good[1], good[3], good[2], good[4], good[5]] : [], null, Wrong);

        static MalformedMessage Signed(string name, Func<byte[], byte[]> change) =>
            new(name, "shell", key => [.. Good(key).Select((frame, at) => at == 1 ? change(frame) : frame)], null, Wrong);
    }

    private static IEnumerable<MalformedMessage> Headers()
    {
        const string NoType = "no msg_type or no msg_id";
        (string Name, string Header, string Reason)[] headers =
        [
            ("an empty header", "", "header is not JSON"),
            ("a header that is null", "null", "header is not a JSON object"),
            ("a header that is an array", "[]", "header is not a JSON object"),
            ("a header that is a number", "5", "header is not a JSON object"),
            ("a header that is text", "\"x\"", "header is not a JSON object"),
            ("a header that ends early", "{", "header is not JSON"),
            ("a header with a comment", "{/**/}", "header is not JSON"),
            ("a header with a comma too many", """{"msg_id":"a",}""", "header is not JSON"),
            ("a header with NaN", """{"msg_id":"a","msg_type":"x","n":NaN}""", "header is not JSON"),
            ("a header with a byte order mark", "\ufeff{}", "header is not JSON"),
            ("a header with a zero byte", "{\0}", "header is not JSON"),
            ("a header with the same key twice", """{"msg_id":"a","msg_type":"x","msg_type":"y"}""", "header is not JSON"),
            ("a header nested 100,000 deep", string.Concat(Enumerable.Repeat(Deep, 10_000)), "header is not JSON"),
            ("a header without an id", """{"msg_type":"kernel_info_request"}""", NoType),
            ("a header without a type", """{"msg_id":"a"}""", NoType),
            ("a header whose id is a number", """{"msg_id":1,"msg_type":"kernel_info_request"}""", NoType),
            ("a header whose type is null", """{"msg_id":"a","msg_type":null}""", NoType),
            ("a header whose type is an object", """{"msg_id":"a","msg_type":{}}""", NoType),
            ("a header whose type is empty", """{"msg_id":"a","msg_type":""}""", NoType),
            ("a header whose type is half a character", """{"msg_id":"a","msg_type":"\ud800"}""", NoType),
        ];
        return headers.Select(header => new MalformedMessage(header.Name, "shell", key => KernelClient.Sign(key, header.Header, "{}", "{}", "{}"), null, header.Reason));
    }

    private static IEnumerable<MalformedMessage> Parts()
    {
        yield return Part("a parent header that is not JSON", 1, "no"u8.ToArray(), "parent header is not JSON");
        yield return Part("a parent header that is an array", 1, "[1]"u8.ToArray(), "parent header is not a JSON object");
        yield return Part("metadata that are a number", 2, "1"u8.ToArray(), "metadata is not a JSON object");
        yield return Part("content that is null", 3, "null"u8.ToArray(), "content is not a JSON object");
        yield return Part("content that is not UTF-8", 3, [(byte)'{', 0xff, 0xfe, (byte)'}'], "content is not JSON");
        yield return Part("content with a character written too long", 3, [(byte)'{', (byte)'"', 0xc0, 0xaf, (byte)'"', (byte)':', (byte)'1', (byte)'}'], "content is not JSON");
        yield return Part("content in UTF-16", 3, Encoding.Unicode.GetBytes("{\"a\":1}"), "content is not JSON");
        yield return Part("content nested 1,000 deep", 3, Encoding.UTF8.GetBytes($$"""{"code":{{string.Concat(Enumerable.Repeat(Deep, 100))}}"""), "content is not JSON");

        static MalformedMessage Part(string name, int part, byte[] bytes, string reason) =>
            new(name, "shell", key => KernelClient.Sign(key, [.. Enumerable.Range(0, 4).Select(at => at == part ? bytes : Encoding.UTF8.GetBytes(at == 0 ? Header(Info) : "{}"))]), null, reason);
    }

    private static IEnumerable<MalformedMessage> Types()
    {
        yield return new("an unknown request", "shell", key => Good(key, "nonsense_request"), null, "'nonsense_request' is unknown");
        yield return new("an unknown request on control", "control", key => Good(key, "nonsense_request"), null, "'nonsense_request' is unknown");
        yield return new("a type of a megabyte", "shell", key => Good(key, new string('t', 1 << 20)), null, "'tttt");
        yield return new("a type with a line break", "control", key => Good(key, "a\\nb"), null, "'a b' is unknown");
        yield return new("a cell on control", "control", key => Good(key, "execute_request", """{"code":"1"}"""), null, "'execute_request' is unknown");
        yield return new("a reply as a request", "shell", key => Good(key, "execute_reply", """{"status":"ok"}"""), null, "'execute_reply' is unknown");
        yield return new("an input_reply that nobody asked for", "stdin", key => Good(key, "input_reply", """{"value":"x"}"""), null, "answers no question");
        yield return new("an input_reply without a value", "stdin", key => Good(key, "input_reply"), null, "content.value: expected text");
        yield return new("another type on stdin", "stdin", key => Good(key), null, "answers no question");
        yield return new("a comm_open without an id", "shell", key => Good(key, "comm_open"), null, "content.comm_id");
        yield return new("a comm_msg of no comm", "shell", key => Good(key, "comm_msg", """{"comm_id":5}"""), null, null);
        yield return new("a comm_close of no comm", "shell", key => Good(key, "comm_close"), null, null);
        yield return new("an interrupt without a cell", "control", key => Good(key, "interrupt_request", """{"x":[]}"""), "ok", null);
        yield return new("a heartbeat of many frames", "heartbeat", _ => [[], [], .. Enumerable.Range(0, 1000).Select(_ => new byte[7])], "", null);
        yield return new("a heartbeat of a megabyte", "heartbeat", _ => [[], new byte[1 << 20]], "", null);
    }

    private static IEnumerable<MalformedMessage> Arguments()
    {
        const string NoCode = "content.code: expected text, got ";
        (string Type, string Content, string Answer, string? Reason)[] requests =
        [
            ("execute_request", "{}", "error", NoCode + "nothing"),
            ("execute_request", """{"code":null}""", "error", NoCode + "nothing"),
            ("execute_request", """{"code":5}""", "error", NoCode + "Number"),
            ("execute_request", """{"code":["1"]}""", "error", NoCode + "Array"),
            ("execute_request", """{"code":"\ud800"}""", "error", NoCode + "String"),
            ("execute_request", """{"code":"1","silent":"yes","store_history":0,"allow_stdin":{},"stop_on_error":[],"user_expressions":5}""", "ok", null),
            ("execute_request", $$"""{"code":"{{new string('(', 20_000)}}1{{new string(')', 20_000)}}"}""", "error", "nested more than 500 deep"),
            ("execute_request", $$"""{"code":"{{new string('(', 490)}}1{{new string(')', 490)}}"}""", "ok", null),
            ("execute_request", $$"""{"code":"#!fsharp\n{{new string('(', 490)}}1{{new string(')', 490)}}"}""", "ok", null),
            ("execute_request", $$"""{"code":"{{string.Concat(Enumerable.Repeat("#!nonsense\\n", 1000))}}"}""", "error", "nonsense"),
            ("complete_request", "{}", "error", NoCode),
            ("complete_request", """{"code":"x","cursor_pos":-99999999}""", "ok", null),
            ("complete_request", """{"code":"x","cursor_pos":99999999}""", "ok", null),
            ("complete_request", """{"code":"x","cursor_pos":1e300}""", "ok", null),
            ("inspect_request", """{"code":{},"cursor_pos":"x"}""", "error", NoCode + "Object"),
            ("inspect_request", """{"code":"Math","cursor_pos":1.5,"detail_level":"much"}""", "ok", null),
            ("is_complete_request", """{"code":false}""", "error", NoCode + "False"),
            ("is_complete_request", $$"""{"code":"{{new string('{', 50_000)}}"}""", "error", "nested more than 500 deep"),
            ("is_complete_request", $$"""{"code":"{{new string('{', 490)}}"}""", "incomplete", null),
            ("history_request", "{}", "error", "content.hist_access_type"),
            ("history_request", """{"hist_access_type":"tail","n":-5,"raw":"x"}""", "ok", null),
            ("history_request", $$"""{"hist_access_type":"search","pattern":"{{new string('*', 300)}}","n":1}""", "ok", null),
            ("history_request", """{"hist_access_type":"range","session":-1,"start":5,"stop":1}""", "ok", null),
            ("comm_info_request", """{"target_name":7}""", "ok", null),
        ];
        return requests.Select(request => new MalformedMessage(
            $"{request.Type} {(request.Content.Length > 100 ? $"{request.Content[..40]}… of {request.Content.Length} characters" : request.Content)}",
            "shell",
            key => Good(key, request.Type, request.Content),
            request.Answer,
            request.Reason));
    }
}
