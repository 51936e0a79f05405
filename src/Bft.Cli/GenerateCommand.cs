using System.CommandLine;
using Bft.Research.Models;
using Bft.Research.Models.Generation;
using Bft.Research.Tokenization;

namespace Bft.Cli;

/// <summary><c>bft generate</c>: continues a prompt, or answers a message through the chat template.</summary>
internal static class GenerateCommand
{
    private static readonly ModelOptions s_model = new();
    private static readonly Option<string?> s_adapter = new("--adapter") { Description = "PEFT folder" };
    private static readonly Option<string?> s_prompt = new("--prompt") { Description = "text that is continued as it stands" };
    private static readonly Option<string?> s_message = new("--message") { Description = "user turn that is answered" };
    private static readonly Option<string?> s_system = new("--system") { Description = "system turn before --message" };
    private static readonly Option<int> s_tokens = new("--max-new-tokens") { Description = "most new tokens", DefaultValueFactory = _ => 64 };
    private static readonly Option<double?> s_temperature = new("--temperature") { Description = "draws tokens at this temperature; without it the most probable one is taken" };
    private static readonly Option<double> s_topP = new("--top-p") { Description = "drawn from the smallest set with this probability", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> s_topK = new("--top-k") { Description = "drawn from this many tokens; 0 for all" };
    private static readonly Option<ulong> s_seed = new("--seed") { Description = "seed of the draws" };

    public static Command Create()
    {
        var command = new Command("generate", "Continue --prompt, or answer --message. The text goes to standard output, the speed to standard error.")
        {
            s_adapter, s_prompt, s_message, s_system, s_tokens, s_temperature, s_topP, s_topK, s_seed,
        };
        s_model.AddTo(command);
        return command.Does(Run);
    }

    private static int Run(ParseResult result, CancellationToken cancellation)
    {
        string? prompt = result.GetValue(s_prompt), message = result.GetValue(s_message);
        if (prompt is null == message is null)
            throw new InvalidDataException("expected either --prompt or --message.");
        if (prompt is not null && result.GetValue(s_system) is not null)
            throw new InvalidDataException("--system: expected --message beside it, actual --prompt.");
        var tokenizer = s_model.Tokenizer(result);
        var ids = prompt is not null ? tokenizer.Encode(prompt).Ids : tokenizer.Encode(Rendered(result, message!), addSpecialTokens: false).Ids;
        var options = new GenerationOptions
        {
            MaxNewTokens = result.GetValue(s_tokens),
            Sample = result.GetValue(s_temperature) is not null,
            Seed = result.GetValue(s_seed),
            Filters = new() { Temperature = result.GetValue(s_temperature) ?? 1, TopP = result.GetValue(s_topP), TopK = result.GetValue(s_topK) },
        };
        using var model = s_model.Load(result);
        using var adapter = result.GetValue(s_adapter) is { } folder ? LoraAdapter.Load(model, folder) : null;
        foreach (var remark in adapter?.LoadRemarks ?? [])
            Console.Error.WriteLine($"note: {remark}");
        var started = TimeProvider.System.GetTimestamp();
        var made = Generator.Generate(model, [[.. ids.Select(id => (long)id)]], options, cancellation)[0];
        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(tokenizer.Decode(made.Tokens.Select(id => (int)id), skipSpecialTokens: true));
        Console.Error.WriteLine(FormattableString.Invariant($"{made.Tokens.Length} tokens in {seconds:0.0} s, {made.Tokens.Length / seconds:0.0} a second{(made.Ended ? "" : "; not ended")}"));
        return Verb.Success;
    }

    private static string Rendered(ParseResult result, string message)
    {
        List<ChatMessage> turns = [];
        if (result.GetValue(s_system) is { } system)
            turns.Add(new("system", system));
        turns.Add(new("user", message));
        return ChatTemplate.Load(s_model.Folder(result)).Render(turns, addGenerationPrompt: true).Text;
    }
}
