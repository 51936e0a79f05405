using Bft.Notebooks.Sessions;

namespace Bft.Notebooks.Tests.Sessions;

/// <summary>Values of every kind, from one language to the other.</summary>
public class SharingTests(LiveSession live)
{
    [Theory]
    [InlineData("42", "value + 1", "43")]
    [InlineData("\"text\"", "value.Length", "4")]
    [InlineData("(null: string)", "value is null", "True")]
    [InlineData("()", "value is null", "True")]
    [InlineData("Some 4", "value.Value", "4")]
    [InlineData("(None: int option)", "value is null", "True")]
    [InlineData("ValueSome 5", "value.Value", "5")]
    [InlineData("[ 1; 2; 3 ]", "value.Sum()", "6")]
    [InlineData("[| 1.5; 2.5 |]", "value[1]", "2.5")]
    [InlineData("Array2D.create 2 2 7", "value[1, 0]", "7")]
    [InlineData("seq { 1; 2 }", "value.Last()", "2")]
    [InlineData("Map.ofList [ \"k\", [ 1; 2 ] ]", "value[\"k\"].Length", "2")]
    [InlineData("Set.ofList [ 1; 2 ]", "value.Contains(2)", "True")]
    [InlineData("(1, \"a\", [ 2.5 ])", "value.Item3.Head", "2.5")]
    [InlineData("struct (1, 'c')", "value.Item2", "c")]
    [InlineData("(Ok 3: Result<int, string>)", "value.ResultValue", "3")]
    [InlineData("{| P = 1; Q = [ 2 ] |}", "(int)value.P", "1")]
    [InlineData("fun x -> x + 1", "value.Invoke(2)", "3")]
    [InlineData("fun x y -> x * y + 0", "value.Invoke(3).Invoke(4)", "12")]
    [InlineData("ref 8", "value.Value", "8")]
    [InlineData("async { return 9 }", "Microsoft.FSharp.Control.FSharpAsync.RunSynchronously(value, null, null)", "9")]
    [InlineData("lazy 6", "value.Value", "6")]
    [InlineData("System.DayOfWeek.Friday", "value == DayOfWeek.Friday", "True")]
    [InlineData("{ Name = \"n\"; Inner = { Depth = 5 } }", "(int)value.Inner.Depth", "5")]
    [InlineData("[ { Depth = 1 }; { Depth = 2 } ]", "(int)value.Tail.Head.Depth", "2")]
    [InlineData("Circle 2.0", "value.IsCircle && (double)value.radius == 2", "True")]
    [InlineData("Empty", "value.IsEmpty", "True")]
    [InlineData("[| [| 1.5 |]; [| 2.5; 3.5 |] |]", "((double[][])value)[1][1]", "3.5")]
    [InlineData("[| Array2D.create 1 1 4 |]", "((int[][,])value)[0][0, 0]", "4")]
    [InlineData("Array2D.create 1 1 [| 5 |]", "((int[,][])value)[0, 0][0]", "5")]
    [InlineData("Map [ \"k\", [| [| 2.0 |] |] ]", "value[\"k\"][0][0]", "2")]
    [InlineData("[| (1, \"a\"); (2, \"b\") |]", "value[1].Item2", "b")]
    [InlineData("dict [ \"a\", 1 ]", "value.Keys.Single()", "a")]
    [InlineData("System.Func<int, int>(fun x -> x + 1)", "value(1)", "2")]
    [InlineData("System.Nullable<int>()", "value is null", "True")]
    [InlineData("[| 7uy |]", "((byte[])value)[0]", "7")]
    [InlineData("lazy [| [| 1 |] |]", "value.Value[0][0]", "1")]
    [InlineData("[ {| P = 3 |} ]", "(int)value.Head.P", "3")]
    [InlineData("[| Circle 1.0 |]", "value.Length", "1")]
    public async Task A_value_of_FSharp_is_used_in_CSharp(string expression, string use, string expected)
    {
        await live.RunAsync("#!fsharp\ntype Inner = { Depth: int }\ntype Outer = { Name: string; Inner: Inner }\ntype Shape = Circle of radius: float | Empty\nlet value = " + expression);
        Assert.Equal(expected, (await live.RunAsync($"#!share --from fsharp value\n{use}")).Result);
    }

    [Theory]
    [InlineData("42", "value + 1", "43")]
    [InlineData("(string)null", "isNull value", "True")]
    [InlineData("(int?)null", "isNull value", "True")]
    [InlineData("(int?)5", "value + 1", "6")]
    [InlineData("new Dictionary<string, List<int[]>> { [\"a\"] = [[1, 2]] }", "value.[\"a\"].[0].[1]", "2")]
    [InlineData("new[] { 1, 2, 3 }", "Array.sum value", "6")]
    [InlineData("new int[2, 2]", "Array2D.length1 value", "2")]
    [InlineData("(1, \"z\")", "(let struct (_, text) = value in text)", "z")]
    [InlineData("Tuple.Create(1, \"z\")", "snd value", "z")]
    [InlineData("(Func<int, int>)(x => x * 2)", "value.Invoke 4", "8")]
    [InlineData("new P(7)", "string value", "P { Q = 7 }")]
    [InlineData("new P(7)", "(value?Q : int) + 1", "8")]
    [InlineData("new Box.Sub()", "(value?V : int)", "3")]
    [InlineData("new List<P> { new(1), new(2) }", "value.Count", "2")]
    [InlineData("new Dictionary<string, P> { [\"k\"] = new(1) }", "value.Contains \"k\"", "True")]
    [InlineData("new { X = 1 }", "(value?X : int)", "1")]
    [InlineData("Environment.SpecialFolder.Desktop", "value = System.Environment.SpecialFolder.Desktop", "True")]
    [InlineData("System.Threading.Tasks.Task.FromResult(3)", "value.Result", "3")]
    [InlineData("new double[][] { [1, 2], [3] }", "let rows: float[][] = value in Array.sumBy Array.sum rows", "6")]
    [InlineData("new double[][][] { [[1], [2]] }", "let deep: float[][][] = value in deep.[0].[1].[0]", "2")]
    [InlineData("new int[][,] { new int[1, 1] }", "let grids: int[,][] = value in Array2D.length1 grids.[0]", "1")]
    [InlineData("new int[,][] { { new[] { 5 } } }", "let grid: int[][,] = value in grid.[0, 0].[0]", "5")]
    [InlineData("new List<double[][]> { new double[][] { [4] } }", "(value: ResizeArray<float[][]>).[0].[0].[0]", "4")]
    [InlineData("new[] { (1, \"a\"), (2, \"b\") }", "(let struct (_, text) = (value: struct (int * string)[]).[1] in text)", "b")]
    [InlineData("new[] { Tuple.Create(1, \"a\") }", "(value: (int * string)[]) |> Array.map snd |> Array.head", "a")]
    [InlineData("(1, new[] { new[] { 2 } })", "(let struct (_, rows) = value in rows.[0].[0])", "2")]
    [InlineData("(Func<int[][], int>)(rows => rows.Length)", "value.Invoke [| [| 1 |] |]", "1")]
    [InlineData("(Action)(() => { })", "value.Invoke(); 1", "1")]
    [InlineData("Enumerable.Range(1, 4).Where(i => i % 2 == 0)", "Seq.sum value", "6")]
    [InlineData("Numbers()", "Seq.sum value", "3")]
    [InlineData("Records()", "((Seq.cast<obj> value |> Seq.head)?Q : int)", "9")]
    [InlineData("new[] { new P(7) }", "(value.[0]?Q : int)", "7")]
    [InlineData("new[] { new { X = 8 } }", "(value.[0]?X : int)", "8")]
    [InlineData("new { Inner = new { X = 4 } }", "((value?Inner : obj)?X : int)", "4")]
    [InlineData("new int?[] { 1, null }", "value.[1].HasValue", "False")]
    [InlineData("new byte[] { 7 }", "value.[0]", "7")]
    [InlineData("new Dictionary<string, double>().Keys", "value.Count", "0")]
    [InlineData("new KeyValuePair<string, int[][]>(\"k\", [[3]])", "value.Value.[0].[0]", "3")]
    [InlineData("Microsoft.FSharp.Collections.ListModule.OfArray(new[] { 1, 2 })", "List.sum value", "3")]
    [InlineData("Microsoft.FSharp.Core.FSharpOption<int[]>.Some(new[] { 6 })", "value.Value.[0]", "6")]
    [InlineData("Microsoft.FSharp.Core.FSharpChoice<int, string>.NewChoice1Of2(5)", "(match value with Choice1Of2 n -> n | Choice2Of2 _ -> 0)", "5")]
    [InlineData("Microsoft.FSharp.Core.FSharpFunc<int, int>.FromConverter(x => x + 1)", "value 2", "3")]
    [InlineData("TorchSharp.torch.zeros(2, 3).shape", "value.[1]", "3")]
    [InlineData("new[] { TorchSharp.torch.zeros(2, 3) }", "value.[0].shape.[0]", "2")]
    [InlineData("new Bft.Research.Models.CausalLmConfig[1][]", "(value: Bft.Research.Models.CausalLmConfig[][]).Length", "1")]
    public async Task A_value_of_CSharp_is_used_in_FSharp(string expression, string use, string expected)
    {
        await live.RunAsync("#r \"Bft.Research\"\nIEnumerable<int> Numbers() { yield return 1; yield return 2; }\nIEnumerable<P> Records() { yield return new(9); }\npublic record P(int Q);\npublic class Box { public class Sub { public int V = 3; } }\nvar value = " + expression + ";");
        Assert.Equal(expected, (await live.RunAsync($"#!fsharp\n#!share --from csharp value\n{use}")).Result);
    }

    [Fact]
    public async Task A_member_that_is_not_there_is_said()
    {
        await live.RunAsync("var plain = new { X = 1 };");
        var sink = await live.TryAsync("#!fsharp\n#!share --from csharp plain\n(plain?Y : int)");
        Assert.Equal("System.MissingMemberException", sink.Error?.Name);
        Assert.Contains("Y", sink.Error?.Message);
    }

    [Fact]
    public async Task An_array_of_arrays_is_no_array() // the wrong variant: the session itself would say float[]
    {
        await live.RunAsync("var jagged = new double[][] { [1] };");
        Assert.Equal(CellError.Compilation, (await live.TryAsync("#!fsharp\n#!share --from csharp jagged\nlet flat: float[] = jagged")).Error?.Name);
    }
}
