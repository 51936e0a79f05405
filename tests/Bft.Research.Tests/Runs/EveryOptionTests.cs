using System.Text.Json.Nodes;
using Bft.Research.Models;
using Bft.Research.Runs;
using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Research.Tests.Runs;

/// <summary>Every option of a run changes something: the numbers of the log, what is written, what is said, or what is refused. An option that nobody reads would pass every other test.</summary>
public sealed class EveryOptionTests : IClassFixture<EveryOptionTests.Material>
{
    private const string Shuffled = "heldOutPart=0";
    private readonly Material _material;

    public EveryOptionTests(Material material) => _material = material;

    /// <summary>Option, settings that both runs have, its value in the one run and in the other. FOLDER stands for the folder of the material.</summary>
    public static TheoryData<string, string, string, string> Flips => new()
    {
        { "model", "", "FOLDER/model", "FOLDER/wide" },
        { "adapter", "rank=2", "null", "FOLDER/adapter" },
        { "data", "", "FOLDER/rows.jsonl", "FOLDER/other.jsonl" },
        { "heldOut", "heldOutPart=0", "[]", "FOLDER/other.jsonl" },
        { "heldOutPart", "", "1", "0.5" },
        { "forgetting", "", "null", "FOLDER/text.txt" },
        { "forgettingPieces", "forgetting=FOLDER/texts.jsonl", "1", "2" },
        { "logEvery", "epochs=2", "1", "2" },
        { "tensorBoard", "", "false", "true" },
        { "output", "", "FOLDER/runs/one", "FOLDER/runs/two" },
        { "saveBest", "learningRate=50; evaluateEvery=1; epochs=4", "false", "true" },
        { "compute.device", "", "cpu", "cuda:99" },
        { "compute.dtype", "", "float32", "bfloat16" },
        { "compute.threads", "", "1", "2" },
        { "trainer.objective.kind", "", "Sft", "Dft" },
        { "trainer.objective.ablation", "", "None", "TokenOnly" },
        { "trainer.objective.confidenceWindow", "", "2", "3" },
        { "trainer.objective.windowAlignment", "confidenceWindow=2", "Left", "Right" },
        { "trainer.objective.windowScope", "data=FOLDER/talks.jsonl; heldOutPart=0; kind=BftV1Code; confidenceWindow=16", "Sequence", "Turn" },
        { "trainer.objective.reduction", "", "PerToken", "PerSequence" },
        { "trainer.objective.epsilon", "", "1e-8", "0.1" },
        { "trainer.objective.relativeEpsilon", "trainer.objective.epsilon=0.1", "false", "true" },
        { "trainer.objective.gamma", "kind=BftV1Code", "1", "0.5" },
        { "trainer.lora.rank", "", "2", "3" },
        { "trainer.lora.alpha", "rank=2", "4", "8" },
        { "trainer.lora.dropout", "", "0", "0.5" },
        { "trainer.lora.targets", "", "[]", "[q_proj]" },
        { "trainer.lora.rankStabilized", "rank=3", "false", "true" },
        { "trainer.lora.dora", "", "false", "true" },
        { "trainer.lora.rankPattern", "", "{}", "{q_proj: 3}" },
        { "trainer.lora.alphaPattern", "", "{}", "{q_proj: 3}" },
        { "trainer.lora.modulesToSave", "", "[]", "[lm_head]" },
        { "trainer.learningRate", "", "0.01", "0.02" },
        { "trainer.schedule", "epochs=2", "Cosine", "Linear" },
        { "trainer.scheduleShape.minimumRate", "epochs=2; schedule=CosineWithMinimum", "1e-3", "5e-3" },
        { "trainer.scheduleShape.minimumRatio", "epochs=2; schedule=CosineWithMinimum", "0.1", "0.2" },
        { "trainer.scheduleShape.cycles", "epochs=2; schedule=CosineWithRestarts", "1", "2" },
        { "trainer.scheduleShape.power", "epochs=2; schedule=Polynomial", "1", "2" },
        { "trainer.scheduleShape.finalRate", "epochs=2; schedule=Polynomial", "1e-7", "5e-3" },
        { "trainer.scheduleShape.timescale", "epochs=2; schedule=InverseSquareRoot", "2", "5" },
        { "trainer.scheduleShape.stableSteps", "epochs=2; schedule=WarmupStableDecay; decaySteps=2", "0", "1" },
        { "trainer.scheduleShape.decaySteps", "epochs=2; schedule=WarmupStableDecay", "1", "3" },
        { "trainer.scheduleShape.warmupShape", "epochs=2; schedule=WarmupStableDecay; decaySteps=1; warmupSteps=3", "Linear", "Cosine" },
        { "trainer.scheduleShape.decayShape", "epochs=2; schedule=WarmupStableDecay; decaySteps=3", "Linear", "Cosine" },
        { "trainer.scheduleShape.warmupStartRatio", "epochs=2; schedule=CosineWarmupWithMinimum; minimumRatio=0; warmupSteps=2", "0.1", "0.5" },
        { "trainer.warmupRatio", "", "0", "1" },
        { "trainer.warmupSteps", "", "null", "1" },
        { "trainer.epochs", "", "1", "2" },
        { "trainer.maxSteps", "", "null", "1" },
        { "trainer.rowsPerMicroBatch", "", "1", "2" },
        { "trainer.accumulation", "", "1", "2" },
        { "trainer.rows.form", "data=FOLDER/both.jsonl; heldOutPart=0", "Alpaca", "Messages" },
        { "trainer.rows.columns.prompt", "data=FOLDER/columns.jsonl; form=Alpaca", "instruction", "q" },
        { "trainer.rows.columns.query", "data=FOLDER/columns.jsonl; form=Alpaca", "input", "more" },
        { "trainer.rows.columns.response", "data=FOLDER/columns.jsonl; form=Alpaca", "output", "a" },
        { "trainer.rows.columns.history", "data=FOLDER/columns.jsonl; form=Alpaca", "history", "before" },
        { "trainer.rows.columns.system", "data=FOLDER/columns.jsonl; form=Alpaca", "system", "role" },
        { "trainer.rows.columns.tools", "data=FOLDER/columns.jsonl; form=Alpaca", "tools", "broken" },
        { "trainer.rows.columns.id", "data=FOLDER/columns.jsonl; form=Alpaca", "id", "same" },
        { "trainer.rows.columns.messages", "data=FOLDER/tags.jsonl; heldOutPart=0; form=ShareGpt", "conversations", "dialogue" },
        { "trainer.rows.columns.roleTag", "data=FOLDER/tags.jsonl; heldOutPart=0; form=ShareGpt", "from", "who" },
        { "trainer.rows.columns.contentTag", "data=FOLDER/tags.jsonl; heldOutPart=0; form=ShareGpt", "value", "says" },
        { "trainer.rows.columns.userTag", "data=FOLDER/tags.jsonl; heldOutPart=0; form=ShareGpt; roleTag=who; assistantTag=helper", "doctor", "human" },
        { "trainer.rows.columns.assistantTag", "data=FOLDER/tags.jsonl; heldOutPart=0; form=ShareGpt; roleTag=who; userTag=doctor", "helper", "gpt" },
        { "trainer.rows.columns.observationTag", "data=FOLDER/tools.jsonl; model=FOLDER/calling; heldOutPart=0; form=ShareGpt; functionTag=call", "saw", "observation" },
        { "trainer.rows.columns.functionTag", "data=FOLDER/tools.jsonl; model=FOLDER/calling; heldOutPart=0; form=ShareGpt; observationTag=saw", "call", "function_call" },
        { "trainer.rows.columns.systemTag", "data=FOLDER/systems.jsonl; heldOutPart=0; form=ShareGpt", "narrator", "system" },
        { "trainer.rows.plain", "", "false", "true" },
        { "trainer.rows.templateMark", "", "<|im_start|>", "<|start_header_id|>" },
        { "trainer.rows.supervision", "", "GenerationTags", "PrefixDifference" },
        { "trainer.rows.teach", "", "EveryResponse", "WholeText" },
        { "trainer.rows.reasoning", "data=FOLDER/thoughts.jsonl; heldOutPart=0", "Teach", "Mask" },
        { "trainer.rows.reasoningOpen", "data=FOLDER/thoughts.jsonl; heldOutPart=0; reasoning=Mask", "<think>", "<thought>" },
        { "trainer.rows.reasoningClose", "data=FOLDER/thoughts.jsonl; heldOutPart=0; reasoning=OnlyAfter", "</think>", "</thought>" },
        { "trainer.rows.teachEnd", "", "true", "false" },
        { "trainer.rows.cutoff", "", "64", "16" },
        { "trainer.rows.order", Shuffled, "Shuffled", "AsRead" },
        { "trainer.rows.packing", "rowsPerMicroBatch=2", "None", "PaddingFree" },
        { "trainer.rows.packLength", "packing=BestFit; cutoff=32", "32", "64" },
        { "trainer.rows.tokensPerMicroBatch", "", "null", "64" },
        { "trainer.rows.policies.unreadable", "data=FOLDER/broken.jsonl; heldOutPart=0", "Refuse", "Skip" },
        { "trainer.rows.policies.malformed", "data=FOLDER/malformed.jsonl; heldOutPart=0", "Refuse", "Skip" },
        { "trainer.rows.policies.template", "data=FOLDER/refused.jsonl; heldOutPart=0; model=FOLDER/strict", "Refuse", "Skip" },
        { "trainer.rows.policies.nothingToLearn", "data=FOLDER/lengths.jsonl; heldOutPart=0; cutoff=16", "Refuse", "Skip" },
        { "trainer.rows.policies.tooLong", "cutoff=16", "Warn", "Refuse" },
        { "trainer.rows.policies.truncatedEnd", "cutoff=16", "Warn", "Refuse" },
        { "trainer.rows.policies.endNotTaught", "data=FOLDER/rows.jsonl; model=FOLDER/endless", "Warn", "Refuse" },
        { "trainer.rows.policies.boundaryMerge", "model=FOLDER/joined; data=FOLDER/merges.jsonl; heldOutPart=0", "Warn", "Refuse" },
        { "trainer.rows.policies.unclosedReasoning", "data=FOLDER/unclosed.jsonl; heldOutPart=0; reasoning=Mask; trainer.rows.policies.nothingToLearn=Skip", "Warn", "Refuse" },
        { "trainer.rows.policies.specialToken", "data=FOLDER/special.jsonl; heldOutPart=0", "Warn", "Refuse" },
        { "trainer.rows.policies.duplicateId", "data=FOLDER/columns.jsonl; form=Alpaca; columns.id=same", "Warn", "Refuse" },
        { "trainer.maxGradientNorm", "", "1", "1e-3" },
        { "trainer.optimizer.beta1", "", "0.9", "0.5" },
        { "trainer.optimizer.beta2", "", "0.999", "0.5" },
        { "trainer.optimizer.epsilon", "", "1e-8", "0.1" },
        { "trainer.optimizer.weightDecay", "", "0", "0.5" },
        { "trainer.decayBiasesAndNorms", "lora=null; weightDecay=0.5", "false", "true" },
        { "trainer.seed", "", "42", "43" },
        { "trainer.evaluateEvery", "", "0", "1" },
        { "trainer.gradientCheckpointing", "", "false", "true" },
        { "trainer.checkpoints.every", "epochs=2; keep=9", "1", "2" },
        { "trainer.checkpoints.keep", "epochs=2; checkpoints.every=1", "1", "3" },
        { "trainer.stopping.metric", "saveBest=true; evaluateEvery=1; learningRate=0.3; epochs=5", "MeanNll", "Accuracy" },
        { "trainer.stopping.patience", "evaluateEvery=1; learningRate=50; epochs=4", "null", "1" },
        { "trainer.stopping.minimumGain", "evaluateEvery=1; patience=1; epochs=4", "0", "100" },
        { "trainer.stopping.forgettingEvery", "forgetting=FOLDER/text.txt; epochs=2", "0", "1" },
        { "trainer.stopping.maxForgetting", "lora=null; kind=Sft; forgetting=FOLDER/other.txt; forgettingEvery=1; learningRate=1; epochs=4", "null", "0.001" },
        { "trainer.nonFinite.policy", "model=FOLDER/nan", "Stop", "Skip" },
        { "trainer.nonFinite.maxSkipsInARow", "model=FOLDER/nan; policy=Skip", "1", "2" },
        { "trainer.head.tokenChunk", "compute.dtype=float32", "2048", "1" },
        { "trainer.head.vocabularyChunk", "compute.dtype=float32", "2048", "7" },
        { "trainer.head.keptLogits", "lora=null", "16777216", "0" },
    };

    /// <summary>Options that only a card can show; <c>DeviceSetupTests</c> tests them with made-up cards.</summary>
    private static readonly string[] s_onCardsOnly = ["compute.tf32", "compute.deterministic", "compute.neededBytes"];

    [Fact]
    public void Every_option_is_flipped() =>
        Assert.Equal(RunSchema.Training.Options.Select(option => option.Path).Except(s_onCardsOnly).Order(StringComparer.Ordinal), Flips.Select(row => row.Data.Item1).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Flips))]
    public void A_flipped_option_changes_something(string path, string both, string one, string other)
    {
        var before = _material.Run($"{both}; {path}={one}");
        var after = _material.Run($"{both}; {path}={other}");
        Assert.True(before != after, $"{path}: {one} and {other} give the same:\n{before}");
        Assert.True(before.Contains("step", StringComparison.Ordinal) || after.Contains("step", StringComparison.Ordinal), $"{path}: neither run took a step:\n{before}\n{after}");
    }

    [Fact]
    public void What_changes_nothing_is_noticed() => Assert.Equal(_material.Run(""), _material.Run("trainer.seed=42")); // the wrong variant: a flip to what it was

    /// <summary>Models of a few thousand values, rows for every option, and runs of two or three steps.</summary>
    public sealed class Material : IDisposable
    {
        private static readonly string s_mini = Path.Combine(Checkout.Root, "notebooks", "mini", "model");
        private readonly ScratchFolder _folder = new();
        private readonly Dictionary<string, string> _results = [];
        private int _runs;

        public Material()
        {
            Rows();
            var config = CausalLmConfig.Read(s_mini) with { HiddenSize = 16, IntermediateSize = 16, Layers = 1, Heads = 2, KeyValueHeads = 1, HeadDim = 8, LayerWindows = [], InitialDeviation = 0.3 };
            Model("model", config);
            Model("wide", config with { IntermediateSize = 24 });
            Model("nan", config, spoil: true);
            Model("calling", config, template => template.Replace("message['content'] + '<|im_end|>' }}{% endgeneration %}", "message['content'] + (message['tool_calls'] | tojson if message['tool_calls'] else '') + '<|im_end|>' }}{% endgeneration %}", StringComparison.Ordinal));
            Model("joined", config, _ => "{% for message in messages %}{% if message['role'] == 'assistant' %}assist{% generation %}{{ message['content'] + '<|im_end|>' }}{% endgeneration %}{% else %}{{ message['content'] + '<|im_end|>' }}{% endif %}{% endfor %}{% if add_generation_prompt %}assist{% endif %}");
            Model("strict", config, template => "{% if messages | length > 2 %}{{ raise_exception('too many turns') }}{% endif %}" + template);
            Model("endless", config, template => template.Replace("message['content'] + '<|im_end|>' }}{% endgeneration %}", "message['content'] }}{% endgeneration %}", StringComparison.Ordinal));
            using var model = CausalLm.Load(_folder["model"]);
            using var adapter = LoraAdapter.Create(model, new() { Rank = 2 }, 9);
            adapter.Save(_folder["adapter"]);
        }

        public void Dispose() => _folder.Dispose();

        /// <summary>What a run leaves: log without times, files, hash of the result, and what is said; of a run that is refused, the message.</summary>
        public string Run(string settings)
        {
            const string Base = "model=FOLDER/model; data=FOLDER/rows.jsonl; heldOutPart=1; compute.dtype=float32; compute.threads=1; rank=2; learningRate=0.01; warmupRatio=0; epochs=1; rowsPerMicroBatch=1; accumulation=2; cutoff=64; confidenceWindow=8";
            var output = _folder[$"runs/{_runs++}"];
            var all = $"output={output}; {(settings.Contains("lora=null", StringComparison.Ordinal) ? Base.Replace("rank=2; ", "", StringComparison.Ordinal) : Base)}; {settings}".Replace("FOLDER", _folder.Path, StringComparison.Ordinal);
            try
            {
                var options = RunFile.Read(null, all.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(RunSetting.Parse));
                return _results.TryGetValue(RunFile.Write(options).Replace(output, "", StringComparison.Ordinal), out var known)
                    ? known
                    : _results[RunFile.Write(options).Replace(output, "", StringComparison.Ordinal)] = Run(options);
            }
            catch (Exception e) when (e is not NullReferenceException)
            {
                return $"{e.GetType().Name}: {e.Message}".Replace(output, "OUTPUT", StringComparison.Ordinal);
            }
        }

        private static string Run(RunOptions options)
        {
            using var run = TrainingRun.Open(options);
            run.Trainer.Peak = new(null, "not asked for");
            run.Run();
            return Left(run);
        }

        private static string Left(TrainingRun run)
        {
            string[] timed = ["seconds", "tokensPerSecond", "paddedTokensPerSecond", "supervisedTokensPerSecond", "mfu", "hfu", "memoryBytes", "peakMemoryBytes", "secondsLeft", "hardware", "memorySource", "peakSource"];
            var lines = File.ReadLines(Path.Combine(run.Options.Output, "log.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
            foreach (var name in timed)
                lines.ForEach(line => line.Remove(name));
            var files = Directory.EnumerateFiles(run.Options.Output, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(run.Options.Output, file)).Where(file => !file.StartsWith("tensorboard/", StringComparison.Ordinal))
                .Concat(Directory.EnumerateDirectories(run.Options.Output, "*", SearchOption.TopDirectoryOnly).Select(Path.GetFileName)).Order(StringComparer.Ordinal);
            return string.Join('\n', [.. lines.Select(line => line.ToJsonString()), .. files, Bft.Results.ContentIdentity.Of("result", run.Result).Sha256, .. run.Rows.Remarks, Path.GetFileName(run.Options.Output) is "one" or "two" ? run.Options.Output : ""]);
        }

        private void Model(string name, CausalLmConfig config, Func<string, string>? template = null, bool spoil = false)
        {
            using (var model = CausalLm.Create(config, 5))
            {
                if (spoil)
                    using (torch.no_grad())
                        model.Parameters[0].Value.fill_(double.NaN);
                model.Save(_folder[name]);
            }

            foreach (var file in (string[])["tokenizer.json", "tokenizer_config.json"])
                File.Copy(Path.Combine(s_mini, file), Path.Combine(_folder[name], file));
            if (template is null)
                return;
            var path = Path.Combine(_folder[name], "tokenizer_config.json");
            var json = JsonNode.Parse(File.ReadAllText(path))!;
            json["chat_template"] = template(json["chat_template"]!.GetValue<string>());
            File.WriteAllText(path, json.ToJsonString());
        }

        private void Rows()
        {
            void Write(string name, params string[] lines) => File.WriteAllLines(_folder[name], lines);
            string Pair(string instruction, string output, string more = "") => $$"""{"instruction": "{{instruction}}", "output": "{{output}}"{{more}}}""";
            string Talk(string list, params (string Role, string Text)[] turns) => $$"""{"{{list}}": [{{string.Join(", ", turns.Select(turn => $$"""{"from": "{{turn.Role}}", "value": "{{turn.Text}}"}"""))}}]}""";

            Write("rows.jsonl", Pair("Which gene?", "TP53 and BRCA1 slow growth."), Pair("A drug?", "Aspirin."), Pair("Who?", "MDM2 binds it."), Pair("Where is it found?", "In the nucleus, and on the chromosome of the cell."), Pair("Why?", "Because."));
            Write("other.jsonl", Pair("Which disease?", "Asthma."), Pair("Which cell?", "A neuron."));
            Write("lengths.jsonl", Pair("Which gene?", "TP53."), Pair("Which gene is it that slows the growth of cells, and where is it found on the chromosome?", "TP53."));
            File.WriteAllText(_folder["text.txt"], "The cell divides. The gene is found on the chromosome.");
            File.WriteAllText(_folder["other.txt"], "4 7 9 % $ # 3 5 = 8 + 2");
            Write("texts.jsonl", """{"text": "The cell divides."}""", """{"text": "The gene is found."}""");
            Write("talks.jsonl", Talk("conversations", ("human", "Which gene?"), ("gpt", "TP53 and BRCA1 slow growth."), ("human", "A drug?"), ("gpt", "Aspirin, perhaps.")));
            Write("both.jsonl", """{"instruction": "a", "output": "b", "messages": [{"role": "user", "content": "Which gene?"}, {"role": "assistant", "content": "TP53"}]}""");
            var columns = """, "input": "x", "q": "Why?", "more": "y", "a": "Because.", "history": [["Hi", "Hello"]], "before": [], "system": "Be brief.", "role": "Be long.", "broken": "not json", "same": "7" """;
            Write("columns.jsonl", Pair("Which gene?", "TP53.", columns), Pair("A drug?", "Aspirin.", columns), Pair("Who?", "MDM2.", columns));
            Write("tags.jsonl", """
                {"conversations": [{"from": "human", "who": "doctor", "value": "Which gene?", "says": "A drug?"}, {"from": "gpt", "who": "helper", "value": "TP53", "says": "Aspirin."}], "dialogue": [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "Because."}]}
                """.Trim());
            Write("tools.jsonl", Talk("conversations", ("human", "Which gene?"), ("call", """{\"name\": \"look\", \"arguments\": {}}"""), ("saw", "TP53"), ("gpt", "TP53.")));
            Write("systems.jsonl", Talk("conversations", ("narrator", "Be brief."), ("human", "Which gene?"), ("gpt", "TP53.")));
            Write("thoughts.jsonl", Pair("Which gene?", "<think>Perhaps it is</think>TP53."));
            Write("unclosed.jsonl", Pair("Which gene?", "TP53 <think>or"), Pair("Who?", "MDM2."));
            Write("broken.jsonl", Pair("Which gene?", "TP53."), "{");
            Write("malformed.jsonl", Pair("Which gene?", "TP53."), """{"instruction": "a"}""");
            Write("refused.jsonl", Pair("Which gene?", "TP53."), Pair("Which gene?", "TP53.", """, "history": [["Hi", "Hello"]]"""));
            Write("merges.jsonl", Pair("Which gene?", "ant is a word."));
            Write("special.jsonl", Pair("Which gene?", "TP53 <|im_end|> or"));
        }
    }
}
