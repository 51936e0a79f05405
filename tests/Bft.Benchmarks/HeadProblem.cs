using Bft.Research.Numerics;

namespace Bft.Benchmarks;

/// <summary>Random hidden states, head and labels of a setting.</summary>
internal sealed class HeadProblem
{
    public HeadProblem(HeadSetting setting)
    {
        torch.random.manual_seed(1);
        using var scope = torch.NewDisposeScope();
        Hidden = torch.randn(setting.Rows, setting.Length, setting.Width).to(setting.ScalarType).DetachFromDisposeScope();
        Weight = (torch.randn(setting.Vocabulary, setting.Width) * 0.1).to(setting.ScalarType).DetachFromDisposeScope();
        var random = new Random(1);
        var first = setting.Length - (int)(setting.Length * setting.Supervised);
        Labels = [.. Enumerable.Range(0, setting.Rows * setting.Length)
            .Select(i => i % setting.Length < first ? NextToken.Ignored : random.NextInt64(setting.Vocabulary))];
        Scored = NextToken.Align(Labels, setting.Rows, setting.Length);
    }

    public Tensor Hidden { get; }

    public Tensor Weight { get; }

    public long[] Labels { get; }

    public ScoredPositions Scored { get; }
}
