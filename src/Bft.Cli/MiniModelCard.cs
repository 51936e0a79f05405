using System.Globalization;
using Bft.Research.Models;
using Bft.Research.World;

namespace Bft.Cli;

/// <summary>The model card of the mini model.</summary>
internal static class MiniModelCard
{
    public static string Write(MiniWorld world, MiniModelOptions options, CausalLm model, MiniModelReport report, double lastNll, double minutes)
    {
        var known = world.Of(FactHalf.Known).Count(f => f.Steps == 1);
        var fresh = world.Of(FactHalf.New).Count(f => f.Steps == 1);
        var config = model.Config;
        return string.Create(CultureInfo.InvariantCulture, $"""
            # The mini model

            A decoder of {config.ParameterCount:N0} parameters in the shape of Qwen2 ({config.Layers} blocks, width {config.HiddenSize}, feed-forward {config.IntermediateSize}, {config.Heads} query heads, {config.KeyValueHeads} key-value heads, {config.VocabularySize} tokens, tied head), pretrained from
            scratch on the embedded world (`notebooks/mini/facts`, `notebooks/mini/grammar`), so that every notebook runs offline in minutes. It knows half of the facts and has never seen the other half.

            Made by one command, which also wrote this card:

                bft world pretrain --out DIR --steps {options.Steps} --seed {options.Seed}

            ## Data

            Generated text only; all sentences are ours, all facts are true (sources and licences: `notebooks/mini/facts/README.md`). The stream mixes everyday prose ({PretrainingCorpus.GeneralShare:P0} of the documents), biomedical prose of the known half ({PretrainingCorpus.BiomedicalShare:P0}) and ChatML
            chats (the rest). {known} facts are in the stream, {fresh} are not: a hash of relation and subject decides. Held-out phrasings of `phrasings.tsv` never occur in it.

            ## Procedure

            Byte-level BPE learned from {options.TokenizerDocuments} documents. {options.Steps} steps of {options.RowsPerStep} rows of {options.RowLength} tokens ({(long)options.Steps * options.RowsPerStep * options.RowLength:N0} tokens, each seen once), plain negative log-likelihood over all tokens, AdamW (β₂ 0.99, decay 0.01), peak learning
            rate {options.LearningRate}, 5 % warm-up, cosine to zero, gradients clipped at 1, float32; stored in bfloat16. {minutes:0} minutes on two shared processor cores.

            ## Measured (on the stored weights, in float32)

            Mean loss of the last 25 steps: {lastNll:0.000} nats a token. Perplexity a token on held-out text, 200 passages each:

            | text | perplexity |
            | --- | --- |
            | everyday prose | {report.GeneralPerplexity:0.00} |
            | biomedical prose, known facts | {report.KnownPerplexity:0.00} |
            | biomedical prose, new facts | {report.NewPerplexity:0.00} |

            Answers by likelihood of the options as written, no length correction. The wrong options for an object are answers of the same relation and the same half. `Train` and `TrainQuestion` are phrasings of the training text, `HeldCloze` and `HeldQuestion` are not.

            {report.ToMarkdown()}
            New facts cannot be known; where their accuracy lies above chance, the answer can be guessed from what is known: a symbol hints at family and function, and since three regulations in four activate, "down" after a knock-down and "up" after
            overexpression are right three times in four. For directions compare known with new facts, not with the chance of 0.50. Recall depends on the wording: best in statements of the training text, weaker in chats, weakest in wordings never seen.

            ## Limits

            The model has seen no natural text. It speaks the sentences of the grammar and nothing else, confuses facts under unusual wording, and is no source of medical knowledge. It was trained on rows of {options.RowLength} tokens; longer contexts are outside its training. It shows how the
            methods work, not how large models behave.

            """);
    }
}
