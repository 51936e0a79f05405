using System.Text.Json.Nodes;
using Bft.Research.Tests.Checkpoints;
using Bft.Tests;

namespace Bft.Cli.Tests;

/// <summary>The kernel under the programs that people have: nbconvert, nbclient, the console.</summary>
public sealed class JupyterTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(".net-csharp", "#!fsharp\n")]
    [InlineData(".net-fsharp", "")]
    public void Nbconvert_runs_a_notebook_of_either_kernel(string kernel, string fsharp)
    {
        var jupyter = Jupyter.Require(_folder.Path, "nbconvert");
        WriteNotebook("small.ipynb", kernel, "#!csharp\nvar n = 20;\nConsole.WriteLine(\"printed\");", fsharp + "#!share --from csharp n\nn * 2 + 2", "#!csharp\nvar shown = display(\"before\");\nshown.Update(\"after\");");
        var outputs = Convert(jupyter, _folder["small.ipynb"]);
        Assert.Equal("printed\n", Text(outputs[0][0]!["text"]));
        Assert.Equal(("execute_result", "42"), ((string?)outputs[1][0]!["output_type"], Text(outputs[1][0]!["data"]!["text/plain"])));
        Assert.Equal("after", Text(outputs[2][0]!["data"]!["text/plain"]));
    }

    /// <remarks>The other committed notebook takes minutes; this one takes twenty seconds.</remarks>
    [Fact]
    public void Nbconvert_gives_what_the_runner_gave_for_a_committed_notebook()
    {
        var jupyter = Jupyter.Require(_folder.Path, "nbconvert");
        const string Name = "01-uncertainty-structure.ipynb";
        var source = Path.Combine(Checkout.Root, "notebooks", Name);
        var outputs = Convert(jupyter, source);
        Assert.DoesNotContain(outputs.SelectMany(cell => cell), output => (string?)output!["output_type"] == "error");
        Assert.Equal(Outputs(source).Select(Kinds), outputs.Select(Kinds));

        static string Kinds(JsonArray cell) => string.Join(", ", cell.Select(output => $"{output!["output_type"]} {string.Join(' ', (output["data"] as JsonObject ?? []).Select(entry => entry.Key).Order(StringComparer.Ordinal))}"));
    }

    [Fact]
    public void Nbclient_interrupts_a_cell_that_takes_too_long_and_goes_on()
    {
        var jupyter = Jupyter.Require(_folder.Path, "nbclient");
        WriteNotebook("slow.ipynb", ".net-csharp", "var kept = 5;", "while (true) { }", "kept + 1");
        var run = jupyter.RunScript("""
            import nbformat, nbclient
            notebook = nbformat.read("slow.ipynb", 4)
            client = nbclient.NotebookClient(notebook, timeout=30, interrupt_on_timeout=True, allow_errors=True)
            with client.setup_kernel():
                client.execute_cell(notebook.cells[0], 0)
                client.timeout = 3
                client.execute_cell(notebook.cells[1], 1)
                client.timeout = 30
                client.execute_cell(notebook.cells[2], 2)
            print([o.get("ename") for o in notebook.cells[1].outputs], notebook.cells[2].outputs[0]["data"]["text/plain"])
            """);
        Assert.Equal((0, "['Interrupted'] 6\n"), (run.Code, run.Output));
    }

    [Fact]
    public void The_console_runs_what_is_typed()
    {
        var jupyter = Jupyter.Require(_folder.Path, "jupyter_console");
        var run = jupyter.Run("jupyter_console", ["--kernel", ".net-csharp", "--simple-prompt"], "40 + 2\nConsole.WriteLine(Console.ReadLine() + \"!\");\ntyped\nint x = ;\n1\n");
        Assert.Contains("Out[1]: 42", run.Output);
        Assert.Contains("typed!", run.Output);
        Assert.Contains("error CS1525", run.Output + run.Error);
    }

    [Fact]
    public void A_cell_that_ends_the_process_is_reported_before_it_ends()
    {
        var jupyter = Jupyter.Require(_folder.Path, "nbclient");
        WriteNotebook("dying.ipynb", ".net-csharp", "Environment.Exit(3);");
        var run = jupyter.RunScript("""
            import nbformat, nbclient
            notebook = nbformat.read("dying.ipynb", 4)
            try:
                nbclient.NotebookClient(notebook, timeout=30, allow_errors=True).execute()
            except nbclient.exceptions.DeadKernelError as e:
                print("dead")
            print([(o.get("ename"), o.get("evalue")) for o in notebook.cells[0].outputs])
            """);
        Assert.Contains("ProcessExit", run.Output);
        Assert.Contains("exit code 3", run.Output);
    }

    [Theory]
    [InlineData("Environment.FailFast(\"enough\");")]
    [InlineData("int Deep(int n) => Deep(n + 1) + 1;\nDeep(0)")]
    [InlineData("System.Diagnostics.Process.GetCurrentProcess().Kill();")]
    public void A_cell_that_kills_the_process_is_a_dead_kernel_with_what_was_shown_before(string deadly)
    {
        var jupyter = Jupyter.Require(_folder.Path, "nbclient");
        WriteNotebook("killing.ipynb", ".net-csharp", "1 + 1", "Console.WriteLine(\"before\");\nSystem.Threading.Thread.Sleep(500);\n" + deadly, "2 + 2");
        var run = jupyter.RunScript("""
            import nbformat, nbclient
            notebook = nbformat.read("killing.ipynb", 4)
            try:
                nbclient.NotebookClient(notebook, timeout=60, allow_errors=True).execute()
            except nbclient.exceptions.DeadKernelError as e:
                print("dead")
            print([[o.get("text") or o["data"]["text/plain"] for o in cell.outputs] for cell in notebook.cells])
            """);
        Assert.Equal("dead\n[['2'], ['before\\n'], []]\n", run.Output);
    }

    [Fact]
    public void A_restart_keeps_the_connection_file_and_nothing_else()
    {
        var jupyter = Jupyter.Require(_folder.Path, "jupyter_client");
        var run = jupyter.RunScript("""
            import os, signal, time
            from jupyter_client.manager import start_new_kernel
            manager, client = start_new_kernel(kernel_name=".net-csharp")
            def run(code):
                return client.execute_interactive(code, output_hook=lambda m: None, timeout=60, allow_stdin=False)["content"]["status"]
            def history():
                client.history(hist_access_type="tail", n=10)
                while (m := client.get_shell_msg(timeout=60))["msg_type"] != "history_reply": pass
                return [code for _, _, code in m["content"]["history"]]
            def restart(now):
                before = (manager.connection_file, manager.provisioner.process.pid)
                manager.restart_kernel(now=now)
                client.wait_for_ready(timeout=60)
                return manager.connection_file == before[0] and manager.provisioner.process.pid != before[1]
            print(run("var kept = 5;"), run("kept"), history())
            print(restart(False), run("kept"), history())
            client.execute("while (true) { }"); time.sleep(1)
            print(restart(False), run("1"))
            os.kill(manager.provisioner.process.pid, signal.SIGKILL); time.sleep(0.5)
            print(manager.is_alive(), restart(True), run("1"))
            manager.interrupt_kernel()
            print(run("1"))
            manager.shutdown_kernel()
            """);
        Assert.Equal("ok ok ['var kept = 5;', 'kept']\nTrue error ['kept']\nTrue ok\nFalse True ok\nok\n", run.Output);
    }

    private List<JsonArray> Convert(Jupyter jupyter, string notebook)
    {
        var run = jupyter.Run("nbconvert", ["--to", "notebook", "--execute", notebook, "--output-dir", _folder.Path, "--output", "executed.ipynb"]);
        Assert.True(run.Code == 0, run.Error);
        return Outputs(_folder["executed.ipynb"]);
    }

    private static List<JsonArray> Outputs(string path) =>
    [
        .. JsonNode.Parse(File.ReadAllText(path))!["cells"]!.AsArray().Where(cell => (string?)cell!["cell_type"] == "code").Select(cell => cell!["outputs"]!.AsArray()),
    ];

    private static string Text(JsonNode? text) => text is JsonArray lines ? string.Concat(lines.Select(line => (string?)line)) : (string)text!;

    private void WriteNotebook(string name, string kernel, params string[] cells) => File.WriteAllText(_folder[name], WrittenNotebook.OfKernel(kernel, cells));
}
