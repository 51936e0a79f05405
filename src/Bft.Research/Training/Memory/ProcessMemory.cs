using Bft.Research.Models;

namespace Bft.Research.Training;

/// <summary>What a process that trains holds beside tensors. Measured in runs of <c>bft train</c>, after what reading left behind was given back.</summary>
internal static class ProcessMemory
{
    /// <summary>Pages of libtorch and the runtime that are touched (120 MB of them are files), compiled code, heaps, stacks and arenas of threads; 200 MB after two steps, 240 MB after 120, when more code has been compiled again.</summary>
    private const long Runtime = 220_000_000;

    /// <summary>Vocabulary, merges and lookup tables of a tokenizer for every entry of the vocabulary: 20 MB at 49,152 entries.</summary>
    private const long TokenizerEntry = 430;

    /// <summary>Id, label and turn of a token of the rows.</summary>
    private const long RowToken = 16;

    /// <summary>Context and kernels of libtorch on a card; not measured.</summary>
    private const long CardContext = 500_000_000;

    public static IEnumerable<MemoryPart> Parts(CausalLmConfig config, long rowTokens, DeviceType device) => device == DeviceType.CPU
        ?
        [
            new("process", Runtime, "runtime, libtorch, compiled code"),
            new("tokenizer", TokenizerEntry * config.VocabularySize, $"{config.VocabularySize:#,0} entries"),
            new("rows", RowToken * rowTokens, $"{rowTokens:#,0} tokens as numbers"),
            new("garbage", GarbageLimit.Bytes, "handles of tensors between two collections"),
        ]
        : [new("context", CardContext, "context and kernels on the card")];
}
