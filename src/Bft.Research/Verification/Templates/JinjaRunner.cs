using Bft.Research.Tokenization;

namespace Bft.Research.Verification.Templates;

/// <summary>Kind <c>jinja</c>: a template with its variables gives a text or an error class.</summary>
internal sealed class JinjaRunner : ICaseRunner
{
    public bool Handles(GoldenCase golden) => golden.Kind == "jinja";

    public void Run(GoldenCase golden, Comparison compare, VerificationContext context) => Compare(golden, compare, () =>
    {
        var variables = golden.Input("variables").EnumerateObject().Select(property => KeyValuePair.Create(property.Name, PyJson.Read(property.Value)));
        return JinjaInterpreter.Render(JinjaParser.Parse(golden.Input("template").Text()), [.. JinjaGlobals.All(TimeProvider.System), .. variables]).Text;
    });

    /// <summary>Compares a rendered text, or the class of the error; the message only of what the template itself raised.</summary>
    internal static void Compare(GoldenCase golden, Comparison compare, Func<string> render)
    {
        var wanted = golden.OptionalExpect("error")?.Text();
        try
        {
            var text = render();
            if (wanted is null)
                compare.Exact("rendered", golden.Expect("rendered").Text(), text);
            else
                compare.Fail($"expected {wanted}, actual text {PyRepr.Of(text)}");
        }
        catch (TemplateException e)
        {
            compare.Exact("error", wanted ?? "none", e.ErrorClass);
            if (wanted is null)
                compare.Fail(e.Message);
            else if (wanted == "TemplateError")
                compare.Exact("message", golden.Expect("message").Text(), e.Detail);
        }
    }
}
