namespace Bft.Research.Data;

/// <summary>How responses are found in the text that a chat template makes.</summary>
public enum Supervision
{
    /// <summary>By the template's generation tags where it has them, else by the difference between renderings.</summary>
    ByTemplate,

    /// <summary>Tokens that overlap what the template marks as generated (<c>{% generation %}</c>).</summary>
    GenerationTags,

    /// <summary>
    /// By the text that each assistant turn adds to the rendering of the turns before it with the generation prompt. Where a template rewrites earlier turns (some leave out
    /// their reasoning), by the text that changes when the response is replaced, if that text is the response's own. A row that fits neither is an error, never a guess.
    /// </summary>
    PrefixDifference,
}

/// <summary>Which part of a row is taught.</summary>
public enum TaughtPart
{
    /// <summary>Every turn of the assistant.</summary>
    EveryResponse,

    /// <summary>The last turn of the assistant; those before it are context (LLaMA-Factory: <c>mask_history</c>).</summary>
    LastResponse,

    /// <summary>Every token, the prompt included (LLaMA-Factory: <c>train_on_prompt</c>).</summary>
    WholeText,
}

/// <summary>What is taught of a response that holds reasoning between tags.</summary>
public enum ReasoningMask
{
    /// <summary>All of it.</summary>
    Teach,

    /// <summary>All but what stands between the tags; the tags are taught, so the model still opens and closes its reasoning, and the answer after them.</summary>
    Mask,

    /// <summary>Only what follows the last closing tag.</summary>
    OnlyAfter,
}

/// <summary>The order in which rows are trained on.</summary>
public enum RowOrder
{
    /// <summary>A new random order every epoch, the same for the same seed on every machine.</summary>
    Shuffled,

    /// <summary>The order of the file, every epoch.</summary>
    AsRead,

    /// <summary>
    /// A new random order every epoch in which rows of one micro-batch are of similar length, so that little is padded: the shuffled rows are cut into
    /// pools of 50 micro-batches, each pool is sorted by length, and the micro-batches of all pools are shuffled.
    /// </summary>
    /// <remarks>
    /// Every row still comes once an epoch and every micro-batch may come at any time, but which rows meet in a micro-batch is no longer independent of their
    /// length. With gradient accumulation a step still mixes lengths; without it a step sees rows of one length, which makes its gradient less like the mean.
    /// </remarks>
    GroupedByLength,
}

/// <summary>How the samples of a micro-batch are laid out.</summary>
public enum RowPacking
{
    /// <summary>One sample a row, padded on the right to the longest.</summary>
    None,

    /// <summary>Several samples a row, chosen so that little of <see cref="RowOptions.PackLength"/> stays unused (best fit, longest first). Samples do not see each other.</summary>
    BestFit,

    /// <summary>One row a micro-batch with its samples behind one another and no padding. Samples do not see each other.</summary>
    PaddingFree,
}

/// <summary>Everything between a file of conversations and micro-batches: form, masks, length, order, packing, and what happens to bad rows.</summary>
public sealed record RowOptions
{
    /// <summary>How rows spell a conversation.</summary>
    public ConversationForm Form { get; init; } = ConversationForm.Detect;

    /// <summary>Names of the fields.</summary>
    public RowColumns Columns { get; init; } = new();

    /// <summary>No chat template: the prompt as it stands, a line break, the response, the tokenizer's end token.</summary>
    public bool Plain { get; init; }

    /// <summary>
    /// A text that the model's own chat template must hold, such as <c>&lt;|start_header_id|&gt;</c> where another tool was told <c>template: llama3</c>; null for any template.
    /// </summary>
    public string? TemplateMark { get; init; }

    /// <summary>How responses are found.</summary>
    public Supervision Supervision { get; init; } = Supervision.ByTemplate;

    /// <summary>Which responses are taught. A turn that says so itself (<c>"train": false</c>, <c>"weight": 0</c>) has the last word on itself.</summary>
    public TaughtPart Teach { get; init; } = TaughtPart.EveryResponse;

    /// <summary>What is taught of reasoning.</summary>
    public ReasoningMask Reasoning { get; init; } = ReasoningMask.Teach;

    /// <summary>Opens reasoning.</summary>
    public string ReasoningOpen { get; init; } = "<think>";

    /// <summary>Closes reasoning. A response that only closes it began inside it (some templates open it in the prompt).</summary>
    public string ReasoningClose { get; init; } = "</think>";

    /// <summary>
    /// Whether the token that ends a turn is taught, also where the template's marks stop before it. It is found by its place: the special token that closes the turn or
    /// follows it. A plain text has such a token only when it is taught.
    /// </summary>
    public bool TeachEnd { get; init; } = true;

    /// <summary>Most tokens of a sample; what happens to longer ones is <see cref="RowPolicies.TooLong"/>.</summary>
    public int Cutoff { get; init; } = 2048;

    /// <summary>The order of rows.</summary>
    public RowOrder Order { get; init; } = RowOrder.Shuffled;

    /// <summary>How the samples of a micro-batch are laid out.</summary>
    public RowPacking Packing { get; init; } = RowPacking.None;

    /// <summary>Tokens of a packed row (<see cref="RowPacking.BestFit"/>); null for <see cref="Cutoff"/>.</summary>
    public int? PackLength { get; init; }

    /// <summary>
    /// Most tokens of a micro-batch, padding included; when set it decides how many samples meet, instead of the trainer's rows per micro-batch.
    /// The denominators of a step are counted over all its micro-batches, so the loss stays what it is for any choice.
    /// </summary>
    public int? TokensPerMicroBatch { get; init; }

    /// <summary>What happens to rows that are not as they should be.</summary>
    public RowPolicies Policies { get; init; } = new();

    /// <summary>All problems, each naming the option, the allowed and the actual value; empty when there are none.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        void Check(bool good, string name, string expected, object? actual)
        {
            if (!good)
                problems.Add($"{name}: expected {expected}, actual {actual}");
        }

        Check(TemplateMark is null || (TemplateMark.Length > 0 && !Plain), nameof(TemplateMark), Plain ? $"nothing beside {nameof(Plain)}" : "a text", $"'{TemplateMark}'");
        Check(Enum.IsDefined(Form), nameof(Form), "a form", Form);
        Check(Enum.IsDefined(Supervision), nameof(Supervision), "a way to find responses", Supervision);
        Check(Enum.IsDefined(Teach), nameof(Teach), "a part", Teach);
        Check(Enum.IsDefined(Reasoning), nameof(Reasoning), "a mask", Reasoning);
        Check(ReasoningOpen.Length > 0 && ReasoningClose.Length > 0 && ReasoningOpen != ReasoningClose, nameof(ReasoningOpen), $"two different tags with {nameof(ReasoningClose)}", $"\"{ReasoningOpen}\" and \"{ReasoningClose}\"");
        Check(Enum.IsDefined(Order), nameof(Order), "an order", Order);
        Check(Enum.IsDefined(Packing), nameof(Packing), "a packing", Packing);
        Check(Cutoff >= 2, nameof(Cutoff), "at least 2 tokens", Cutoff);
        Check(PackLength is null || Packing == RowPacking.BestFit, nameof(PackLength), $"{nameof(RowPacking)}.{nameof(RowPacking.BestFit)} beside it", Packing);
        Check(PackLength is null || PackLength >= Cutoff, nameof(PackLength), $"at least {nameof(Cutoff)} ({Cutoff})", PackLength);
        Check(TokensPerMicroBatch is null or >= 2, nameof(TokensPerMicroBatch), "at least 2 tokens", TokensPerMicroBatch);
        Check(
            TokensPerMicroBatch is not { } budget || Packing != RowPacking.BestFit || budget >= (PackLength ?? Cutoff),
            nameof(TokensPerMicroBatch), $"at least one packed row ({PackLength ?? Cutoff})", TokensPerMicroBatch);
        problems.AddRange(Policies.Validate().Select(problem => $"{nameof(Policies)}.{problem}"));
        return problems;
    }
}
