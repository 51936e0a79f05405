using Bft.Research.Models.Encoders;

namespace Bft.Research.Verification.Encoders;

/// <summary>Kinds <c>sentence-embedding</c> (one text of a tiny encoder, or many of a real one) and <c>sentence-similarity</c>.</summary>
internal sealed class SentenceRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden.Kind is "sentence-embedding" or "sentence-similarity";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context)
    {
        compare.Widen(context.DtypeTolerance);
        var folder = context.Resolve(golden, Folder(golden));
        var encoder = context.Cached($"SentenceEncoder {folder}", () => SentenceEncoder.Load(folder, context.Dtype, context.Device));
        if (golden.Kind == "sentence-similarity")
            compare.Numbers("cosine", golden.Expect("cosine"), Cosines(encoder.Encode(golden.Input("texts").Strings())));
        else if (golden.OptionalInput("text") is { } text)
            CompareOne(golden, compare, encoder, text.Text());
        else
            CompareMany(golden, compare, encoder);
    }

    /// <summary>The folder; cases of the real model name the model as its authors do.</summary>
    private static string Folder(GoldenCase golden) =>
        golden.OptionalInput("folder")?.Text() ?? golden.Input("model").Text().Split('/')[^1].ToLowerInvariant();

    private static void CompareOne(GoldenCase golden, Comparison compare, SentenceEncoder encoder, string text)
    {
        if (golden.OptionalInput("max_length") is { } length)
            compare.Exact("max_length", length.GetInt32(), encoder.MaxLength);
        var tokens = encoder.Tokenize(text);
        compare.ExactSequence("input_ids", golden.Expect("input_ids").Integers(), tokens.Ids.Select(id => (long)id));
        compare.ExactSequence("tokens", golden.Expect("tokens").Strings(), tokens.Tokens);
        compare.Numbers("embedding", golden.Expect("embedding"), encoder.Encode([text])[0]);
        compare.Numbers("mean_before_normalisation", golden.Expect("mean_before_normalisation"), encoder.Encode([tokens.Ids], normalise: false, 1, default)[0]);
    }

    private static void CompareMany(GoldenCase golden, Comparison compare, SentenceEncoder encoder)
    {
        var texts = golden.Input("texts").Strings();
        var ids = golden.Input("ids").IntegerRows();
        int[][] tokenised = [.. texts.Select(text => encoder.Tokenize(text).Ids)];
        for (var i = 0; i < texts.Length; i++)
            compare.ExactSequence($"ids[{i}]", ids[i], tokenised[i].Select(id => (long)id));
        var embeddings = encoder.Encode(texts);
        compare.Numbers("embeddings", golden.Numbers(golden.Expect("embeddings")), [.. embeddings.SelectMany(row => row)]);
        compare.Numbers("mean_pooled", golden.Numbers(golden.Expect("mean_pooled")), [.. encoder.Encode(tokenised, normalise: false, 16, default).SelectMany(row => row)]);
        compare.Numbers("cosine_first_10", golden.Expect("cosine_first_10"), Cosines(embeddings[..10]));
    }

    private static double[] Cosines(double[][] vectors)
    {
        double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
        return [.. vectors.SelectMany(a => vectors.Select(b => Dot(a, b) / Math.Sqrt(Dot(a, a) * Dot(b, b))))];
    }
}
