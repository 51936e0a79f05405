using System.Text.Json;

namespace Bft.Research.Tokenization;

/// <summary>A chat template of a model, in the form of Hugging Face: Jinja that turns messages into the text that the model was trained on.</summary>
/// <remarks>
/// Renders as transformers 5 does: immutable sandbox, loop controls, generation tags, <c>raise_exception</c>, <c>strftime_now</c>, <c>tojson</c> without
/// escaping of HTML; a field of a message that is null is dropped first; <c>tools</c> and <c>documents</c> are None when not given.
/// What the interpreter does not know is refused with its name and line. Instances are immutable and may be used from several threads.
/// </remarks>
public sealed class ChatTemplate : IChatRenderer
{
    private const string ContinueMark = "CONTINUE_FINAL_MESSAGE_TAG ";
    private readonly Dictionary<string, Lazy<IReadOnlyList<JinjaStatement>>> _templates;
    private readonly Dictionary<string, object?> _specialTokens;

    private ChatTemplate(IEnumerable<(string Name, string Template)> templates, IEnumerable<KeyValuePair<string, object?>> specialTokens)
    {
        _templates = new(StringComparer.Ordinal);
        foreach (var (name, template) in templates)
            _templates[name] = new(() => JinjaParser.Parse(template));
        _specialTokens = new(specialTokens, StringComparer.Ordinal);
    }

    /// <summary>Names of the templates; a single one is called <c>default</c>.</summary>
    public IReadOnlyCollection<string> Names => _templates.Keys;

    /// <summary>
    /// Reads the template and the special tokens of a model folder: <c>chat_template.jinja</c>, else <c>chat_template</c> of
    /// <c>tokenizer_config.json</c>, which may hold several.
    /// </summary>
    /// <param name="folder">Folder of the model.</param>
    /// <param name="mark">A text that a template must hold, by which one kind of template is told from another; null for any.</param>
    /// <exception cref="TokenizerException">The folder has no template or none with the mark, or a file is broken.</exception>
    /// <exception cref="TemplateException">The template (the default one, when there are several) cannot be read.</exception>
    public static ChatTemplate Load(string folder, string? mark = null)
    {
        var (templates, specialTokens) = ChatTemplateFiles.Read(folder);
        if (mark is not null && !templates.Exists(each => each.Template.Contains(mark, StringComparison.Ordinal)))
            throw new TokenizerException(folder, "chat_template", $"one that writes '{mark}', as the template that was asked for does (leave template or rows.templateMark out to use the folder's own)", "another");
        var template = new ChatTemplate(templates, specialTokens);
        try
        {
            if (template._templates.TryGetValue("default", out var main))
                _ = main.Value;
        }
        catch (TemplateException unreadable)
        {
            unreadable.In(folder);
            throw;
        }

        return template;
    }

    /// <summary>Reads a template.</summary>
    /// <param name="template">Text of the template.</param>
    /// <param name="specialTokens">Special tokens by role, for example <c>bos_token</c>; null for none.</param>
    /// <exception cref="TemplateException">The template cannot be read.</exception>
    public static ChatTemplate Parse(string template, IReadOnlyDictionary<string, string>? specialTokens = null)
    {
        var parsed = new ChatTemplate([("default", template)], (specialTokens ?? new Dictionary<string, string>()).Select(pair => KeyValuePair.Create(pair.Key, (object?)pair.Value)));
        _ = parsed._templates["default"].Value;
        return parsed;
    }

    /// <inheritdoc/>
    /// <exception cref="TemplateException">What the template raises, with its class and line.</exception>
    public RenderedChat Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt) =>
        Render(messages, new ChatTemplateOptions { AddGenerationPrompt = addGenerationPrompt });

    /// <inheritdoc/>
    /// <exception cref="TemplateException">What the template raises, with its class and line.</exception>
    public RenderedChat Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt, JsonElement? tools) =>
        Render(messages, new ChatTemplateOptions { AddGenerationPrompt = addGenerationPrompt, Tools = tools });

    /// <summary>Renders messages.</summary>
    /// <exception cref="TemplateException">What the template raises, with its class and line; ValueError for an empty conversation.</exception>
    public RenderedChat Render(IReadOnlyList<ChatMessage> messages, ChatTemplateOptions options) =>
        Render([.. messages.Select(Message)], options);

    /// <summary>Renders messages with whatever fields a template reads: tool calls, parts of content, reasoning.</summary>
    /// <param name="messages">A JSON array of objects.</param>
    /// <param name="options">How.</param>
    /// <exception cref="TemplateException">What the template raises, with its class and line; ValueError for an empty conversation.</exception>
    public RenderedChat Render(JsonElement messages, ChatTemplateOptions options)
    {
        if (messages.ValueKind != JsonValueKind.Array || messages.EnumerateArray().FirstOrDefault(message => message.ValueKind != JsonValueKind.Object) is { ValueKind: not JsonValueKind.Undefined })
            throw new ArgumentException("messages: expected a JSON array of objects.", nameof(messages));
        return Render([.. messages.EnumerateArray().Select(Message)], options);
    }

    private static PyDict Message(ChatMessage message) => new(
    [
        new("role", message.Role),
        new("content", message.Content),
        .. message.ToolCalls is { } calls ? [new((object?)"tool_calls", PyJson.Read(calls))] : Array.Empty<KeyValuePair<object?, object?>>(),
    ]);

    private static PyDict Message(JsonElement message) => new(message.EnumerateObject()
        .Where(property => property.Value.ValueKind != JsonValueKind.Null)
        .Select(property => KeyValuePair.Create((object?)property.Name, PyJson.Read(property.Value))));

    private RenderedChat Render(List<PyDict> messages, ChatTemplateOptions options)
    {
        var problems = options.Validate().ToList();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        if (messages.Count == 0)
            throw TemplateException.Value("Cannot apply chat template to an empty conversation. Provide at least one message.");
        if (options.ContinueFinalMessage)
            messages[^1] = Marked(messages[^1]);
        var (text, spans) = JinjaInterpreter.Render(Choose(options), Variables(messages, options));
        if (options.ContinueFinalMessage)
            text = CutAtMark(text);
        var length = PyText.Length(text);
        return new(text, [.. spans.Where(span => span.Start <= length).Select(span => new TokenOffset(span.Start, Math.Min(span.End, length)))]);
    }

    private IReadOnlyList<JinjaStatement> Choose(ChatTemplateOptions options)
    {
        var hasTools = options.Tools is { ValueKind: JsonValueKind.Array };
        var name = options.TemplateName ?? (hasTools && _templates.ContainsKey("tool_use") ? "tool_use" : "default");
        return _templates.TryGetValue(name, out var template)
            ? template.Value
            : throw TemplateException.Value($"no template named '{name}'; there are: {string.Join(", ", _templates.Keys)}");
    }

    private Dictionary<string, object?> Variables(List<PyDict> messages, ChatTemplateOptions options)
    {
        var variables = new Dictionary<string, object?>(JinjaGlobals.All(options.Time), StringComparer.Ordinal);
        foreach (var (name, value) in _specialTokens)
            variables[name] = value;
        variables["messages"] = new PyList(messages);
        variables["tools"] = options.Tools is { } tools ? PyJson.Read(tools) : null;
        variables["documents"] = null;
        variables["add_generation_prompt"] = options.AddGenerationPrompt;
        foreach (var (name, value) in options.Variables)
            variables[name] = PyJson.Read(value);
        return variables;
    }

    /// <summary>The message with a mark after its text, so that the place is found however the template trims or repeats it.</summary>
    private static PyDict Marked(PyDict message)
    {
        var marked = new PyDict(message.Pairs);
        if (!message.TryGet("content", out var content))
            throw new TemplateException("KeyError", "'content'");
        if (content is not PyList parts)
        {
            marked.Set("content", PyOperators.Apply("+", content, ContinueMark));
            return marked;
        }

        var items = parts.Items.ToList();
        var at = items.FindLastIndex(part => part is PyDict dict && dict.TryGet("text", out _));
        if (at < 0)
            throw TemplateException.Value("The last message holds no text that could be continued.");
        var changed = new PyDict(((PyDict)items[at]!).Pairs);
        changed.TryGet("text", out var text);
        changed.Set("text", PyOperators.Apply("+", text, ContinueMark));
        items[at] = changed;
        marked.Set("content", new PyList(items));
        return marked;
    }

    private static string CutAtMark(string text)
    {
        var at = text.LastIndexOf(ContinueMark.TrimEnd(), StringComparison.Ordinal);
        if (at < 0)
            throw TemplateException.Value("The text of the last message does not appear in the rendered conversation, so it cannot be continued.");
        return string.CompareOrdinal(text, at, ContinueMark, 0, ContinueMark.Length) == 0 ? text[..at] : PyText.TrimEnd(text[..at]);
    }
}
