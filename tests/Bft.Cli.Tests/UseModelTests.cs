using System.Text.Json.Nodes;
using Bft.Research.Models;
using Bft.Research.Models.Generation;
using Bft.Research.Runs;
using Bft.Research.Tests.Checkpoints;
using Bft.Research.Tokenization;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary><c>bft eval</c>, <c>bft generate</c> and <c>bft chat</c> on the mini model of this repository.</summary>
public sealed class UseModelTests : IDisposable
{
    private static readonly string s_model = Path.Combine(Checkout.Root, "notebooks", "mini", "model");
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Numbers_of_responses_text_and_choices_go_to_a_file()
    {
        File.WriteAllText(_folder["rows.jsonl"], """{"instruction": "Which gene?", "output": "TP53."}""" + "\n" + """{"instruction": "Which drug?", "output": "Aspirin, daily."}""");
        File.WriteAllText(_folder["text.txt"], "TP53 encodes p53.");
        File.WriteAllText(_folder["choices.jsonl"], """{"question": "Which gene encodes p53?", "choices": ["TP53", "KRAS"], "answer": "A"}""");
        async Task<JsonNode> Eval(params string[] more)
        {
            Assert.Equal(Verb.Success, (await CommandLine.RunAsync(
                ["eval", "--model", s_model, "--dtype", "float32", "--data", _folder["rows.jsonl"], "--text", _folder["text.txt"], "--choices", _folder["choices.jsonl"], "--json", _folder["e.json"], .. more])).Code);
            return JsonNode.Parse(File.ReadAllText(_folder["e.json"]))!["results"]!;
        }

        var results = await Eval();
        Assert.Equal(["responses", "text", "choices"], results.AsArray().Select(one => one!["kind"]!.GetValue<string>()));
        double Number(JsonNode all, int file, string field) => all[file]!["rows"]![field]!["value"]!.GetValue<double>();
        Assert.Equal(Math.Exp(Number(results, 0, "nll")), Number(results, 0, "perplexity"), 1e-9);
        Assert.InRange(Number(results, 1, "lowestWindow"), Number(results, 1, "meanConfidence") - 1e-6, Number(results, 1, "meanConfidence") + 1e-6); // one text, shorter than the window
        Assert.Equal(2, results[0]!["rows"]!["rows"]!.GetValue<int>());
        Assert.Equal(Number(results, 0, "nll"), Number(await Eval("--batch", "1"), 0, "nll"), 1e-5);
        Assert.NotEqual(Number(results, 0, "lowestWindow"), Number(await Eval("--window", "1"), 0, "lowestWindow"));
        Assert.NotEqual(Number(results, 0, "nll"), Number(await Eval("--plain"), 0, "nll"));
        Assert.Equal(1, (await Eval("--limit", "1"))[0]!["rows"]!["rows"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_run_file_says_what_options_say_and_options_and_settings_win()
    {
        File.WriteAllText(_folder["rows.jsonl"], """{"q": "Which gene?", "a": "TP53, the tumour suppressor."}""" + "\n" + """{"q": "Which drug?", "a": "Aspirin, daily."}""");
        File.WriteAllText(_folder["eval.yaml"], $$"""
            model: {{s_model}}
            data: {file: {{_folder["rows.jsonl"]}}, columns: { prompt: q, response: a } }
            compute: {dtype: float32}
            rows: {cutoff: 64}
            window: 1
            """);
        async Task<string> Eval(params string[] given)
        {
            var outcome = await CommandLine.RunAsync(["eval", .. given, "--json", _folder["e.json"]]);
            Assert.True(outcome.Code == Verb.Success, outcome.Error);
            return File.ReadAllText(_folder["e.json"]);
        }

        var file = await Eval(_folder["eval.yaml"]);
        Assert.Equal(file, await Eval("--model", s_model, $$"""data=[{file: {{_folder["rows.jsonl"]}}, columns: { prompt: q, response: a } }]""", "--dtype", "float32", "--cutoff", "64", "--window", "1"));
        Assert.NotEqual(file, await Eval(_folder["eval.yaml"], "--window", "2"));
        Assert.Equal(await Eval(_folder["eval.yaml"], "--window", "2"), await Eval("--config", _folder["eval.yaml"], "window=2"));
        Assert.Equal(await Eval(_folder["eval.yaml"], "window=3"), await Eval(_folder["eval.yaml"], "--window", "2", "window=3")); // NAME=VALUE is the last word
        Assert.Contains("\"dtype\": \"BFloat16\"", await Eval(_folder["eval.yaml"], "compute={threads: 1}"), StringComparison.Ordinal); // a part of a record keeps the verb's own defaults

        File.WriteAllText(_folder["generate.json"], $$"""{"model": "{{s_model}}", "dtype": "float32", "input": "{{_folder["in.jsonl"]}}", "output": "{{_folder["out.jsonl"]}}", "max_new_tokens": 3}""");
        File.WriteAllText(_folder["in.jsonl"], """{"prompt": "TP53 is"}""");
        Assert.Equal(Verb.Success, (await CommandLine.RunAsync("generate", _folder["generate.json"], "--max-new-tokens", "2")).Code);
        Assert.Equal(2, JsonNode.Parse(File.ReadAllText(_folder["out.jsonl"]))!["tokens"]!.GetValue<int>());
    }

    [Fact]
    public void The_file_of_the_readme_for_measuring_is_one()
    {
        File.WriteAllText(_folder["measure.yaml"], File.ReadAllText(Path.Combine(Checkout.Root, "README.md")).Split("```yaml\n")[2].Split("```")[0]);
        var options = RunFile.Read<EvalOptions>(_folder["measure.yaml"]);
        Assert.Equal((200, 1024, "questions.jsonl", "measured.json"), (options.Data[0].Limit, options.Rows.Cutoff, options.Choices[0], options.Json));
        Assert.Throws<InvalidDataException>(() => RunFile.Read<GenerateOptions>(_folder["measure.yaml"]));
    }

    [Fact]
    public async Task Each_row_of_a_file_is_answered_and_keeps_what_it_had()
    {
        File.WriteAllText(_folder["in.jsonl"], """{"id": 7, "prompt": "TP53 is"}""" + "\n" + """{"message": "Which gene?"}""" + "\n" + """{"messages": [{"role": "user", "content": "Which gene?"}]}""");
        string[] generate = ["generate", "--model", s_model, "--dtype", "float32", "--input", _folder["in.jsonl"], "--output", _folder["out.jsonl"], "--max-new-tokens", "6"];
        Assert.Equal(Verb.Success, (await CommandLine.RunAsync(generate)).Code);
        JsonNode[] rows = [.. File.ReadAllLines(_folder["out.jsonl"]).Select(line => JsonNode.Parse(line)!)];
        Assert.Equal(3, rows.Length);
        Assert.Equal(7, rows[0]["id"]!.GetValue<int>());
        Assert.All(rows, row => Assert.InRange(row["tokens"]!.GetValue<int>(), 1, 6));
        Assert.All(rows, row => Assert.True(row["logProb"]!.GetValue<double>() < 0));
        Assert.Equal(rows[1]["response"]!.GetValue<string>(), rows[2]["response"]!.GetValue<string>());
        Assert.NotEqual(rows[0]["response"]!.GetValue<string>(), rows[1]["response"]!.GetValue<string>());
        (await CommandLine.RunAsync(generate)).IsOneClearError(_folder["out.jsonl"], "expected nothing or an empty file, or --resume");
        File.Delete(_folder["out.jsonl"]);
        Assert.Equal(Verb.Success, (await CommandLine.RunAsync([.. generate, "--batch", "1"])).Code);
        Assert.Equal(rows.Select(row => row["response"]!.GetValue<string>()), File.ReadAllLines(_folder["out.jsonl"]).Select(line => JsonNode.Parse(line)!["response"]!.GetValue<string>()));
    }

    [Fact]
    public void A_chat_through_a_pipe_gives_an_answer_a_turn_and_obeys_its_commands()
    {
        var tokenizer = HfTokenizer.Load(s_model);
        using var model = CausalLm.Load(s_model, TorchSharp.torch.ScalarType.Float32);
        using var session = new ChatSession(model, tokenizer, ChatTemplate.Load(s_model), new() { MaxNewTokens = 5, EosTokenIds = [] });
        string Talk(string input)
        {
            var output = new StringWriter();
            ChatCommand.Talk(session, new StringReader(input), output, null, 256, default);
            return output.ToString();
        }

        var two = Talk("Which gene?\n\nWhich drug?\n");
        Assert.Equal(4, session.Messages.Count);
        Assert.StartsWith(session.Messages[1].Content + "\n", two, StringComparison.Ordinal);
        Assert.EndsWith(session.Messages[3].Content + "\n", two, StringComparison.Ordinal);
        Assert.Equal(2 * session.Messages.Count(message => message.Role == "assistant"), session.Messages.Count);

        Talk("/system Be brief.\nWhich gene?\n/reset\n/quit\nWhich drug?\n");
        Assert.Equal(["Be brief."], session.Messages.Select(message => message.Content)); // a reset keeps the system turn; nothing after /quit is read
        Assert.Throws<InvalidDataException>(() => Talk("/sytem x\n"));
        session.Reset();
        Talk("Which gene?\nWhich drug?\n");
        var remembered = session.PromptTokens;
        session.Reset();
        Talk("Which gene?\n/reset\nWhich drug?\n");
        Assert.True(session.PromptTokens < remembered, $"{session.PromptTokens} tokens after a reset, {remembered} without");
    }

    [Fact]
    public void The_program_streams_whole_characters_through_a_pipe()
    {
        var outcome = CommandLine.Start(_folder.Path, ["chat", "--model", s_model, "--max-new-tokens", "4"], "Which gene?\n/quit\n");
        Assert.Equal(Verb.Success, outcome.Code);
        Assert.NotEmpty(outcome.Output.Trim());
        Assert.DoesNotContain("> ", outcome.Output + outcome.Error, StringComparison.Ordinal);
    }
}
