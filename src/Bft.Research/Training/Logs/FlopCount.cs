namespace Bft.Research.Training;

/// <summary>Floating-point operations of training, by part; a multiplication and an addition are two.</summary>
/// <param name="Blocks">Linear layers of the blocks.</param>
/// <param name="Adapter">LoRA matrices.</param>
/// <param name="Attention">Scores and mixing of values.</param>
/// <param name="Head">LM head at the supervised positions.</param>
/// <param name="Recompute">Blocks that go forward a second time instead of keeping activations.</param>
/// <param name="HeadAgain">Logits of the LM head that are computed a second time instead of being kept.</param>
public readonly record struct FlopCount(double Blocks, double Adapter, double Attention, double Head, double Recompute, double HeadAgain)
{
    /// <summary>What the step needs, however it is computed; the numerator of MFU.</summary>
    public double Model => Blocks + Adapter + Attention + Head;

    /// <summary>The same and what is computed twice to save memory; the numerator of HFU.</summary>
    public double Hardware => Model + Recompute + HeadAgain;

    /// <summary>Part by part.</summary>
    public static FlopCount operator +(FlopCount a, FlopCount b) => new(
        a.Blocks + b.Blocks, a.Adapter + b.Adapter, a.Attention + b.Attention, a.Head + b.Head, a.Recompute + b.Recompute, a.HeadAgain + b.HeadAgain);

    /// <summary>So many times as much.</summary>
    public static FlopCount operator *(FlopCount a, double times) => new(
        a.Blocks * times, a.Adapter * times, a.Attention * times, a.Head * times, a.Recompute * times, a.HeadAgain * times);
}
