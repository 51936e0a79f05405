using Bft.Research.Models;
using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>A zoo of bad inputs across all verbs: each ends with code 2, exactly this message, and nothing written. Rows have a zoo of their own in the tests of the library.</summary>
public sealed class BadCommandTests : IClassFixture<BadCommandTests.Material>
{
    private readonly Material _material;

    public BadCommandTests(Material material) => _material = material;

    /// <summary>Arguments and message; both with FOLDER for the folder of the material and MODEL for the mini model.</summary>
    public static TheoryData<string, string> Zoo => new()
    {
        { "train FOLDER/none.yaml", "bft train: FOLDER/none.yaml: no such file." },
        { "train FOLDER/good.yaml FOLDER/stage.yaml", "bft train: expected one run file, actual FOLDER/good.yaml, FOLDER/stage.yaml." },
        { "train", "bft train: options: Model: expected a folder or a .gguf file, actual nothing; Data: expected at least one file, actual none; Output: expected a folder, actual nothing." },
        { "train FOLDER/empty.yaml", "bft train: FOLDER/empty.yaml:1: expected options by name, actual nothing." },
        { "train FOLDER/list.yaml", "bft train: FOLDER/list.yaml:1: expected options by name, actual a list of 2." },
        { "train FOLDER/broken.yaml", "bft train: FOLDER/broken.yaml:2: expected YAML or JSON: While parsing a flow sequence, did not find expected ',' or ']'." },
        { "train FOLDER/tab.yaml", "bft train: FOLDER/tab.yaml:1: expected YAML or JSON: While scanning a mapping, found invalid tab as indentation." },
        { "train FOLDER/two.yaml", "bft train: FOLDER/two.yaml:3: expected YAML or JSON: one document, actual several." },
        { "train FOLDER/json.json", "bft train: FOLDER/json.json:2: expected JSON: '3' is invalid after a property name. Expected a ':'." },
        { "train FOLDER/twice.yaml", "bft train: FOLDER/twice.yaml:5: epochs: expected once, actual twice." },
        { "train FOLDER/meant.yaml", "bft train: FOLDER/meant.yaml:5: num_train_epochs: expected trainer.epochs once, actual also at FOLDER/meant.yaml:4 as epochs." },
        { "train FOLDER/unknown.yaml", "bft train: FOLDER/unknown.yaml:4: learning_rat: there is no such option; the nearest is 'learning_rate'." },
        { "train FOLDER/nested.yaml", "bft train: FOLDER/nested.yaml:6: trainer.lora.rnk: there is no such option; the nearest is 'rank'." },
        { "train FOLDER/shape.yaml", "bft train: FOLDER/shape.yaml:4: trainer: expected an object with objective, lora, learningRate, schedule, …, actual '3'." },
        { "train FOLDER/stage.yaml", "bft train: FOLDER/stage.yaml:4: stage: 'dpo' cannot be honoured: only supervised fine-tuning (sft) is offered." },
        { "train FOLDER/quant.yaml", "bft train: FOLDER/quant.yaml:4: quantization_bit: '4' cannot be honoured: weights are bfloat16, float32 or float64." },
        { "train FOLDER/half.yaml", "bft train: FOLDER/half.yaml:4: fp16: 'true' cannot be honoured: float16 overflows in training; bf16 or float32." },
        { "train FOLDER/schedule.yaml", "bft train: FOLDER/schedule.yaml:4: lr_scheduler_type: 'reduce_lr_on_plateau' cannot be honoured: schedules are constant, constant_with_warmup, linear, cosine, cosine_with_restarts, polynomial, inverse_sqrt, cosine_with_min_lr, cosine_warmup_with_min_lr, warmup_stable_decay." },
        { "train FOLDER/galore.yaml", "bft train: FOLDER/galore.yaml:4: use_galore: 'true' cannot be honoured: not offered." },
        { "train FOLDER/named.yaml", "bft train: FOLDER/named.yaml:4: dataset: FOLDER/data/dataset_info.json has no 'gene'; the nearest is 'genes'." },
        { "train FOLDER/nowhere.yaml", "bft train: FOLDER/nowhere.yaml:4: dataset: expected the file FOLDER/none/dataset_info.json (dataset_dir names its folder), actual none." },
        { "train FOLDER/flag.yaml", "bft train: FOLDER/flag.yaml:4: use_bft_loss: expected one of true, false, actual 'perhaps'." },
        { "train FOLDER/good.yaml epochs=0", "bft train: options: epochs=0: Trainer.Epochs: expected a whole number above 0, actual 0." },
        { "train FOLDER/good.yaml learning_rate=fast", "bft train: learning_rate=fast: learning_rate: expected a number, actual 'fast'." },
        { "train FOLDER/good.yaml lora.rank=1.5", "bft train: lora.rank=1.5: lora.rank: expected a whole number, actual '1.5'." },
        { "train FOLDER/good.yaml lora.rank=0", "bft train: options: lora.rank=0: Trainer.Lora.Rank: expected a whole number above 0, actual 0." },
        { "train FOLDER/good.yaml lora=null lora.rank=4", "bft train: lora.rank=4: lora.rank: expected nothing below trainer.lora, which is null (lora=null)." },
        { "train FOLDER/good.yaml objective=bft-v2", "bft train: objective=bft-v2: objective: expected one of sft, dft, bft-v1-code, bft-v1-code-token-only, bft-v1-code-sequence-only, bft-v1-paper, bft-v1-paper-token-only, bft-v1-paper-sequence-only, bft-v3, bft-v3-token-only, bft-v3-sequence-only, actual 'bft-v2'." },
        { "train FOLDER/good.yaml template=llama3", "bft train: MODEL: chat_template: expected one that writes '<|start_header_id|>', as the template that was asked for does (leave template or rows.templateMark out to use the folder's own), actual another." },
        { "train FOLDER/good.yaml lr_scheduler_type=warmup_stable_decay lr_scheduler_kwargs.num_decay_steps=1000", "bft train: ScheduleShape.DecaySteps: expected at most 2, the 3 steps of the run without 1 of warm-up, actual 1000." },
        { "train FOLDER/good.yaml schedule=step", "bft train: schedule=step: schedule: expected one of Constant, Linear, Cosine, CosineWithRestarts, Polynomial, InverseSquareRoot, CosineWithMinimum, CosineWarmupWithMinimum, WarmupStableDecay, actual 'step'." },
        { "train FOLDER/good.yaml gamma=2", "bft train: options: gamma=2: Trainer.Objective.Gamma: only BftV1Code has an exponent, BftV3 needs 1, actual 2." },
        { "train FOLDER/good.yaml dropout=1", "bft train: options: dropout=1: Trainer.Lora.Dropout: expected 0 ≤ p < 1, actual 1." },
        { "train FOLDER/good.yaml targets=[query_proj]", "bft train: LoRA: target_modules: expected names of linear layers, lm_head or model.embed_tokens of the model, actual query_proj." },
        { "train FOLDER/good.yaml epsilon=1", "bft train: epsilon=1: epsilon: expected one of trainer.objective.epsilon, trainer.optimizer.epsilon." },
        { "train FOLDER/good.yaml held_out_part=5", "bft train: HeldOutPart: expected fewer than the 1 rows, actual 5." },
        { "train FOLDER/good.yaml held_out_part=-1", "bft train: options: held_out_part=-1: HeldOutPart: expected a part below 1 or a number of rows, actual -1." },
        { "train FOLDER/good.yaml save_best=true", "bft train: SaveBest: expected held-out rows beside it, actual none." },
        { "train FOLDER/good.yaml patience=1", "bft train: options: Trainer.EvaluateEvery: expected a whole number above 0 beside Stopping.Patience, actual 0." },
        { "train FOLDER/good.yaml max_forgetting=1", "bft train: options: Forgetting: expected a file of general text beside Stopping.MaxForgetting, actual none." },
        { "train FOLDER/good.yaml pack_length=64", "bft train: options: pack_length=64: Trainer.Rows.PackLength: expected RowPacking.BestFit beside it, actual None; pack_length=64: Trainer.Rows.PackLength: expected at least Cutoff (2048), actual 64." },
        { "train FOLDER/good.yaml policies=lenient", "bft train: policies=lenient: policies: expected skip, refuse or a policy for each problem, actual 'lenient'." },
        { "train FOLDER/good.yaml malformed=warn", "bft train: options: malformed=warn: Trainer.Rows.Policies.Malformed: expected Refuse or Skip (such a row cannot be used), actual Warn." },
        { "train FOLDER/good.yaml shuffle=true", "bft train: shuffle=true: shuffle: there is no such option; the nearest is 'schedule'." },
        { "train FOLDER/good.yaml data=FOLDER/none.jsonl", "bft train: FOLDER/none.jsonl: no such file." },
        { "train FOLDER/good.yaml data=FOLDER/empty.jsonl", "bft train: FOLDER/empty.jsonl:1: file: expected rows, actual an empty file." },
        { "train FOLDER/good.yaml model=FOLDER/none", "bft train: model FOLDER/none: no such folder or file." },
        { "train FOLDER/good.yaml model=FOLDER/used", "bft train: FOLDER/used: expected tokenizer.json, vocab.json with merges.txt, or vocab.txt; found none." },
        { "train FOLDER/good.yaml adapter=FOLDER/none", "bft train: FOLDER/none/adapter_config.json: file: expected a configuration file, actual nothing" },
        { "train FOLDER/good.yaml adapter=FOLDER/other", "bft train: FOLDER/other/adapter_model.safetensors: base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight: expected shape [2, 192], actual [2, 16]" },
        { "train FOLDER/good.yaml lora=null adapter=FOLDER/other", "bft train: options: adapter=FOLDER/other: Adapter: expected none when all weights are trained, actual FOLDER/other." },
        { "train FOLDER/good.yaml model=FOLDER/mute", "bft train: FOLDER/mute: chat_template: expected chat_template.jinja, or chat_template in tokenizer_config.json, actual neither." },
        { "train FOLDER/good.yaml output=FOLDER/used", "bft train: output FOLDER/used: expected nothing or an empty folder." },
        { "train FOLDER/good.yaml output=FOLDER/rows.jsonl/x", "bft train: output FOLDER/rows.jsonl/x: expected a folder, actual the file FOLDER/rows.jsonl on the way." },
        { "train FOLDER/good.yaml forgetting=FOLDER/none.txt", "bft train: FOLDER/none.txt: no such file." },
        { "train FOLDER/good.yaml device=tpu", "bft train: device: expected auto, cpu, cuda or cuda:N, actual 'tpu'." },
        { "train FOLDER/good.yaml dtype=int8", "bft train: options: dtype=int8: Compute.Dtype: expected auto, bfloat16, float32 or float64, actual 'int8'." },
        { "train FOLDER/good.yaml threads=0", "bft train: options: threads=0: Compute.Threads: expected a whole number above 0, actual 0." },
        { "train FOLDER/good.yaml --bach 3", "bft train: '--bach' is not known; the nearest is '--batch'." },
        { "train --data FOLDER/rows.jsonl --bach 3", "bft train: '--bach' is not known; the nearest is '--batch'." },
        { "train FOLDER/good.yaml --batch many", "bft train: --batch: trainer.rowsPerMicroBatch: expected a whole number, actual 'many'." },
        { "train FOLDER/good.yaml =3", "bft train: =3: expected NAME=VALUE." },
        { "train --resume FOLDER/none", "bft train: FOLDER/none: expected the folder of a run with options.json, actual none." },
        { "train --resume FOLDER/used", "bft train: FOLDER/used: expected the folder of a run with options.json, actual none." },
        { "eval --model MODEL", "bft eval: options: Data: expected a file of Data, Text or Choices, actual none." },
        { "eval --data FOLDER/rows.jsonl", "bft eval: options: Model: expected a folder or a .gguf file, actual nothing." },
        { "eval --model MODEL --text FOLDER/none.txt", "bft eval: FOLDER/none.txt: no such file." },
        { "eval --model MODEL --text FOLDER/bytes.txt", "bft eval: FOLDER/bytes.txt: expected UTF-8, actual the byte FF at place 1." },
        { "eval --model MODEL --text FOLDER/notext.jsonl", "bft eval: FOLDER/notext.jsonl:1: text: expected a value, actual none; fields: txt." },
        { "eval --model MODEL --choices FOLDER/nochoice.jsonl", "bft eval: FOLDER/nochoice.jsonl:1: answer: expected a choice: a number below 2, A, B or its text, actual D." },
        { "eval --model MODEL --data FOLDER/rows.jsonl --batch 0", "bft eval: options: --batch: Batch: expected a whole number above 0, actual 0." },
        { "eval --model MODEL --data FOLDER/rows.jsonl --limit 0", "bft eval: options: --limit: Limit: expected a whole number above 0, actual 0." },
        { "eval --model MODEL --data FOLDER/rows.jsonl --choice-form Roman", "bft eval: --choice-form: choiceForm: expected one of Text, Letters, actual 'Roman'." },
        { "eval --model FOLDER/none --data FOLDER/rows.jsonl", "bft eval: model FOLDER/none: no such folder or file." },
        { "eval --model FOLDER/mute --data FOLDER/rows.jsonl", "bft eval: FOLDER/mute: chat_template: expected chat_template.jinja, or chat_template in tokenizer_config.json, actual neither." },
        { "eval FOLDER/none.yaml", "bft eval: FOLDER/none.yaml: no such file." },
        { "eval FOLDER/measure.yaml FOLDER/good.yaml", "bft eval: expected one run file, actual FOLDER/measure.yaml, FOLDER/good.yaml." },
        { "eval FOLDER/good.yaml", "bft eval: FOLDER/good.yaml:3: output: expected no option of training, which has no effect here." },
        { "eval FOLDER/cutof.yaml", "bft eval: FOLDER/cutof.yaml:3: rows.cutof: there is no such option; the nearest is 'cutoff'." },
        { "eval FOLDER/measure.yaml window=0 limit=0", "bft eval: options: window=0: Window: expected a whole number above 0, actual 0; limit=0: Limit: expected a whole number above 0, actual 0." },
        { "eval FOLDER/measure.yaml choice_form=roman", "bft eval: choice_form=roman: choice_form: expected one of Text, Letters, actual 'roman'." },
        { "eval FOLDER/measure.yaml learning_rate=1", "bft eval: learning_rate=1: learning_rate: expected no option of training, which has no effect here." },
        { "eval FOLDER/measure.yaml seed=-1", "bft eval: options: seed=-1: Seed: expected a whole number of at least 0, actual -1." },
        { "eval FOLDER/measure.yaml cutoff=1", "bft eval: options: cutoff=1: Rows.Cutoff: expected at least 2 tokens, actual 1." },
        { "eval FOLDER/measure.yaml data=[{file:~FOLDER/rows.jsonl,~fomr:~alpaca}]", "bft eval: data=[{file: FOLDER/rows.jsonl, fomr: alpaca}]: data[0].fomr: there is no such option; the nearest is 'form'." },
        { "eval FOLDER/measure.yaml data=FOLDER/none.jsonl", "bft eval: FOLDER/none.jsonl: no such file." },
        { "eval FOLDER/measure.yaml dtype=int8", "bft eval: options: dtype=int8: Compute.Dtype: expected auto, bfloat16, float32 or float64, actual 'int8'." },
        { "eval FOLDER/measure.yaml compute=cpu", "bft eval: compute=cpu: compute: expected an object with device, dtype, threads, tf32, …, actual 'cpu'." },
        { "eval FOLDER/measure.yaml --limt 3", "bft eval: '--limt' is not known; the nearest is '--limit'." },
        { "generate FOLDER/write.yaml temprature=1", "bft generate: temprature=1: temprature: there is no such option; the nearest is 'temperature'." },
        { "generate FOLDER/write.yaml temperature=hot", "bft generate: temperature=hot: temperature: expected a number, actual 'hot'." },
        { "generate FOLDER/write.yaml top_p=0", "bft generate: options: top_p=0: TopP: expected a number above 0 and at most 1, actual 0." },
        { "generate FOLDER/write.yaml message=b", "bft generate: options: FOLDER/write.yaml:2: Prompt: expected one of Prompt, Message and Input, actual Prompt, Message." },
        { "generate FOLDER/write.yaml batch=0", "bft generate: options: batch=0: Batch: expected a whole number above 0, actual 0." },
        { "generate --model MODEL --input FOLDER/twice.jsonl", "bft generate: FOLDER/twice.jsonl:1: line: expected every field once, actual prompt twice." },
        { "generate --model MODEL --input FOLDER/noprompt.jsonl", "bft generate: FOLDER/noprompt.jsonl:2: prompt: expected text, actual the number 3." },
        { "generate --model MODEL --input FOLDER/norole.jsonl", "bft generate: FOLDER/norole.jsonl:1: messages[0].role: expected a value, actual none; fields: content." },
        { "generate --model MODEL --input FOLDER/noturn.jsonl", "bft generate: FOLDER/noturn.jsonl:1: messages: expected at least one turn, actual none." },
        { "generate --model FOLDER/mute --input FOLDER/asked.jsonl --output FOLDER/o.jsonl", "bft generate: FOLDER/mute: chat_template: expected chat_template.jinja, or chat_template in tokenizer_config.json, actual neither." },
        { "generate --model FOLDER/none --input FOLDER/asked.jsonl --output FOLDER/o.jsonl", "bft generate: model FOLDER/none: no such folder or file." },
        { "generate --model MODEL --input FOLDER/asked.jsonl --output FOLDER/rows.jsonl", "bft generate: Output FOLDER/rows.jsonl: expected nothing or an empty file, or --resume to go on behind its answers, actual 35 bytes." },
        { "generate --model MODEL --input FOLDER/asked.jsonl --output FOLDER/answered.jsonl --resume", "bft generate: FOLDER/answered.jsonl:1: expected the answer to FOLDER/asked.jsonl:1, actual another row: FOLDER/answered.jsonl is not of these prompts." },
        { "generate --model MODEL --prompt a --resume", "bft generate: options: --resume: Resume: expected Output beside it, actual none." },
        { "generate tell~me", "bft generate: tell me: no such file." },
        { "chat sytem=a", "bft chat: sytem=a: sytem: there is no such option; the nearest is 'system'." },
        { "chat", "bft chat: options: Model: expected a folder or a .gguf file, actual nothing." },
        { "chat model=FOLDER/none", "bft chat: model FOLDER/none: no such folder or file." },
        { "merge", "bft merge: options: Model: expected a folder or a .gguf file, actual nothing; Adapter: expected a PEFT folder, actual nothing; Output: expected a folder, actual nothing." },
        { "merge model=MODEL adapter=FOLDER/other output=FOLDER/out dtype=float64", "bft merge: options: dtype=float64: Dtype: expected bfloat16, float16 or float32, actual 'float64'." },
        { "merge model=MODEL adapter=FOLDER/other output=FOLDER/out device=tpu", "bft merge: device: expected auto, cpu, cuda or cuda:N, actual 'tpu'." },
        { "inspect rows --model FOLDER/none --data FOLDER/rows.jsonl", "bft inspect rows: model FOLDER/none: no such folder or file." },
        { "inspect rows FOLDER/good.yaml cutof=3", "bft inspect rows: cutof=3: cutof: there is no such option; the nearest is 'cutoff'." },
        { "generate --model MODEL", "bft generate: options: Prompt: expected one of Prompt, Message and Input, actual none." },
        { "generate --model MODEL --prompt a --message b", "bft generate: options: --prompt: Prompt: expected one of Prompt, Message and Input, actual Prompt, Message." },
        { "generate --model MODEL --prompt a --system b", "bft generate: options: --system: System: expected Message beside it, actual none." },
        { "generate --model MODEL --prompt a --output FOLDER/o.jsonl", "bft generate: options: --output: Output: expected Input beside it, actual none." },
        { "generate --model MODEL --input FOLDER/none.jsonl", "bft generate: Input FOLDER/none.jsonl: no such file." },
        { "generate --model MODEL --input FOLDER/empty.jsonl", "bft generate: FOLDER/empty.jsonl:1: file: expected rows, actual an empty file." },
        { "generate --model MODEL --input FOLDER/badprompt.jsonl", "bft generate: FOLDER/badprompt.jsonl:1: row: expected one of prompt, message, messages, actual none; fields: text." },
        { "generate --model MODEL --input FOLDER/twoprompts.jsonl", "bft generate: FOLDER/twoprompts.jsonl:1: row: expected one of prompt, message, messages, actual prompt and message." },
        { "generate --model MODEL --input FOLDER/noturns.jsonl --output FOLDER/o.jsonl", "bft generate: FOLDER/noturns.jsonl:1: messages: expected a list, actual text." },
        { "generate --model MODEL --prompt a --max-new-tokens 0", "bft generate: options: --max-new-tokens: MaxNewTokens: expected at least 1, actual 0." },
        { "generate --model MODEL --prompt a --temperature -1", "bft generate: options: --temperature: Temperature: expected a number of at least 0, actual -1." },
        { "generate --model MODEL --prompt a --top-p 2", "bft generate: options: --top-p: TopP: expected a number above 0 and at most 1, actual 2." },
        { "generate --model MODEL --prompt a --max-new-tokens many", "bft generate: --max-new-tokens: maxNewTokens: expected a whole number, actual 'many'." },
        { "generate --model MODEL --adapter FOLDER/other --prompt a", "bft generate: FOLDER/other/adapter_model.safetensors: base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight: expected shape [2, 192], actual [2, 16]" },
        { "chat --model FOLDER/mute", "bft chat: FOLDER/mute: chat_template: expected chat_template.jinja, or chat_template in tokenizer_config.json, actual neither." },
        { "chat --model MODEL --sistem x", "bft chat: '--sistem' is not known; the nearest is '--system'." },
        { "inspect model FOLDER/none", "bft inspect model: FOLDER/none: no such folder or file." },
        { "inspect model FOLDER/used", "bft inspect model: FOLDER/used: expected config.json or a .gguf file (a model), adapter_config.json (an adapter), checkpoint.json (a checkpoint) or options.json (a run), actual mine.txt." },
        { "inspect model FOLDER/badpeft", "bft inspect model: FOLDER/badpeft/adapter_config.json: peft_type: expected LORA, actual IA3" },
        { "inspect model FOLDER/used --json FOLDER/o.json", "bft inspect model: FOLDER/used: expected config.json or a .gguf file (a model), adapter_config.json (an adapter), checkpoint.json (a checkpoint) or options.json (a run), actual mine.txt." },
        { "inspect rows --model MODEL --data FOLDER/empty.jsonl --json FOLDER/o.json", "bft inspect rows: FOLDER/empty.jsonl:1: file: expected rows, actual an empty file." },
        { "inspect rows --model MODEL --data FOLDER/rows.jsonl --jsn", "bft inspect rows: '--jsn' is not known; the nearest is '--json'." },
        { "generate --model MODEL --input FOLDER/numbers.jsonl --output FOLDER/o.jsonl", "bft generate: FOLDER/numbers.jsonl:1: row: expected an object, actual the number 3." },
        { "generate --model MODEL --input FOLDER/gap.jsonl --output FOLDER/o.jsonl", "bft generate: FOLDER/gap.jsonl:2: line: expected one JSON object, actual an empty line." },
        { "inspect", "bft inspect: Required command was not provided." },
        { "merge --model MODEL --adapter FOLDER/none --output FOLDER/out", "bft merge: FOLDER/none/adapter_config.json: file: expected a configuration file, actual nothing" },
        { "merge --model FOLDER/mute --adapter FOLDER/other --output FOLDER/used", "bft merge: FOLDER/used: expected nothing or an empty folder, found a folder with content." },
        { "merge --model FOLDER/mute --adapter FOLDER/other --output FOLDER/out --max-shard-size large", "bft merge: options: --max-shard-size: MaxShardSize: expected a size such as 5GB or 500MB, actual 'large'." },
        { "convert FOLDER/none.gguf FOLDER/out", "bft convert: FOLDER/none.gguf: model: expected a folder or a .gguf file, actual nothing" },
        { "convert MODEL FOLDER/out", "bft convert: MODEL: model: expected a .gguf file, actual safetensors: already in Hugging Face layout" },
        { "verify FOLDER/none", "bft verify: FOLDER/none: no such folder." },
        { "data get nothing --folder FOLDER/out", "bft data get: Expected one of all-minilm-l6-v2, biomedical-ner, drug-knowledge, gene-gene-interaction, gene-properties, gene-set-naming, gene-text, gene-turing, general-qa, general-text, medical-qa, pathways, perturb-seq, perturbqa, sft-samples, single-cell, smollm2-135m-instruct, tiny-models, tokenizers, actual \"nothing\"." },
        { "gpu --zebra", "bft gpu: '--zebra' is not known; the nearest is '--device'." },
        { "zebra", "bft: 'zebra' is not known; the nearest is 'merge'." },
    };

    [Theory]
    [MemberData(nameof(Zoo))]
    public async Task A_bad_input_is_named_in_one_line(string arguments, string message)
    {
        var before = _material.Listing;
        var outcome = await CommandLine.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(_material.Filled).ToArray());
        Assert.Equal(message, _material.Bare(outcome.Error.TrimEnd()));
        Assert.Equal(Verb.WrongInput, outcome.Code);
        Assert.Equal(before, _material.Listing);
    }

    [Fact]
    public void The_zoo_is_large_and_has_every_verb()
    {
        Assert.True(Zoo.Count >= 60, $"{Zoo.Count} inputs");
        string[] visited = [.. Zoo.Select(row => row.Data.Item1.Split(' ')[0]).Distinct()];
        Assert.Empty(BftCommand.Create().Subcommands.Select(verb => verb.Name).Except(visited).Except(["notebook", "reproduce", "world"])); // those are in BadInputTests
    }

    [Fact]
    public async Task What_is_right_passes_the_same_gate()
    {
        var outcome = await CommandLine.RunAsync(_material.Filled("train"), _material.Filled("FOLDER/good.yaml"), "--dry-run"); // the wrong variant: an input that is not bad
        Assert.Equal((Verb.Success, ""), (outcome.Code, outcome.Error));
    }

    /// <summary>Files that are wrong in one way each.</summary>
    public sealed class Material : IDisposable
    {
        private static readonly string s_mini = Path.Combine(Checkout.Root, "notebooks", "mini", "model");
        private readonly ScratchFolder _folder = new();

        public Material()
        {
            Write("rows.jsonl", """{"instruction": "a", "output": "b"}""");
            Write("empty.jsonl", "");
            Write("used/mine.txt", "keep");
            Write("notext.jsonl", """{"txt": "a"}""");
            Write("nochoice.jsonl", """{"question": "a", "choices": ["b", "c"], "answer": "D"}""");
            Write("badprompt.jsonl", """{"text": "a"}""");
            Write("twoprompts.jsonl", """{"prompt": "a", "message": "b"}""");
            Write("twice.jsonl", """{"prompt": "a", "prompt": "b"}""");
            Write("noprompt.jsonl", """{"prompt": "a"}""" + "\n" + """{"prompt": 3}""");
            Write("norole.jsonl", """{"messages": [{"content": "a"}]}""");
            Write("noturn.jsonl", """{"messages": []}""");
            Write("numbers.jsonl", "3");
            Write("gap.jsonl", """{"prompt": "a"}""" + "\n\n" + """{"prompt": "b"}""");
            Write("asked.jsonl", """{"message": "a"}""");
            Write("answered.jsonl", """{"message": "b", "response": "c"}""" + "\n");
            Write("noturns.jsonl", """{"messages": "a"}""");
            File.WriteAllBytes(_folder["bytes.txt"], [0x61, 0xFF]);
            Write("badpeft/adapter_config.json", """{"peft_type": "IA3"}""");
            Write("data/dataset_info.json", """{"genes": {"file_name": "genes.json"}}""");
            Runs();
            Model();
        }

        /// <summary>Every file with its length: what a refused command must not change.</summary>
        public string Listing => string.Join('\n', Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => File.Exists(path) ? $"{path} {new FileInfo(path).Length}" : path));

        public void Dispose() => _folder.Dispose();

        public string Filled(string text) => text.Replace("FOLDER", _folder.Path, StringComparison.Ordinal).Replace("MODEL", s_mini, StringComparison.Ordinal).Replace('~', ' ');

        public string Bare(string text) => text.Replace(_folder.Path, "FOLDER", StringComparison.Ordinal).Replace(s_mini, "MODEL", StringComparison.Ordinal);

        private void Runs()
        {
            void Run(string name, string lines) => Write($"{name}.yaml", $"model: {s_mini}\ndata: {_folder["rows.jsonl"]}\noutput: {_folder["out"]}\n{lines}\n");
            Write("empty.yaml", "# nothing\n");
            Write("list.yaml", "- model\n- data\n");
            Write("broken.yaml", "model: [a\n");
            Write("tab.yaml", "trainer:\n\tepochs: 1\n");
            Write("two.yaml", "model: a\n---\nmodel: b\n");
            Write("json.json", "{\"model\": \"a\",\n \"epochs\" 3}");
            Run("good", "");
            Run("twice", "epochs: 1\nepochs: 2");
            Run("meant", "epochs: 1\nnum_train_epochs: 2");
            Run("unknown", "learning_rat: 1e-4");
            Run("nested", "trainer:\n  lora:\n    rnk: 4");
            Run("shape", "trainer: 3");
            Run("stage", "stage: dpo");
            Run("quant", "quantization_bit: 4");
            Run("half", "fp16: true");
            Run("schedule", "lr_scheduler_type: reduce_lr_on_plateau");
            Run("galore", "use_galore: true");
            Write("measure.yaml", $"model: {s_mini}\ndata: {_folder["rows.jsonl"]}\n");
            Write("cutof.yaml", $"model: {s_mini}\ndata: {_folder["rows.jsonl"]}\nrows: {{cutof: 3}}\n");
            Write("write.yaml", $"model: {s_mini}\nprompt: a\n");
            Run("named", $"dataset: gene\ndataset_dir: {_folder["data"]}");
            Run("nowhere", $"dataset: genes\ndataset_dir: {_folder["none"]}");
            Run("flag", "use_bft_loss: perhaps");
        }

        /// <summary>A small model whose folder has no chat template, and an adapter that fits no other model.</summary>
        private void Model()
        {
            var config = CausalLmConfig.Read(s_mini) with { HiddenSize = 16, IntermediateSize = 16, Layers = 1, Heads = 2, KeyValueHeads = 1, HeadDim = 8, LayerWindows = [] };
            using var model = CausalLm.Create(config, 5);
            model.Save(_folder["mute"]);
            File.Copy(Path.Combine(s_mini, "tokenizer.json"), _folder["mute/tokenizer.json"]);
            using var adapter = LoraAdapter.Create(model, new() { Rank = 2 }, 9);
            adapter.Save(_folder["other"]);
        }

        private void Write(string name, string text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
            File.WriteAllText(_folder[name], text);
        }
    }
}
