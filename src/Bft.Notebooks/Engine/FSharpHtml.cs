using System.Text;
using System.Text.RegularExpressions;

namespace Bft.Notebooks.Engine;

/// <summary>
/// F# source of the functions with which notebooks of .NET Interactive write HTML: <c>open Html</c>, then <c>div [ _class "a" ] [ str "text" ]</c>. Compiled
/// when a cell first mentions it, for it takes a moment.
/// </summary>
internal static partial class FSharpHtml
{
    /// <summary>The namespace that is open in every cell, so that <c>open Html</c> is enough.</summary>
    public const string Namespace = "Microsoft.DotNet.Interactive.FSharp.FSharpKernelHelpers";

    private const string Elements =
        "a area aside b br button caption center code colgroup dd details div dl dt em figure font form h1 h2 h3 h4 h5 h6 head header hgroup hr i iframe img input label li link "
        + "main menu menuitem meta meter nav ol optgroup option p pre progress q script section select small source span strike strong style sub sup svg table tbody td textarea tfoot th "
        + "thead title tr u ul video";

    private const string Texts =
        "defaultValue accept acceptCharset accessKey action alt autoComplete cellPadding cellSpacing charSet challenge classID class content contextMenu coords crossOrigin ddata dateTime "
        + "dir download encType form formAction formEncType formMethod formTarget frameBorder headers height href hrefLang htmlFor httpEquiv icon id inputMode integrity is keyParams keyType "
        + "kind label lang language list manifest max media mediaGroup method min name onMouseOut onMouseOver pattern placeholder poster preload radioGroup rel role sandbox scope scrolling "
        + "shape sizes src srcDoc srcLang srcSet step summary tabIndex target title type useMap value width wmode wrap about datatype inlist prefix property resource typeof vocab "
        + "autoCapitalize autoCorrect autoSave color itemProp itemType itemID itemRef security unselectable";

    private const string Flags =
        "defaultChecked allowFullScreen allowTransparency async autoFocus autoPlay capture checked contentEditable controls default defer disabled draggable formNoValidate hidden loop "
        + "multiple muted noValidate open readOnly required scoped seamless selected spellCheck itemScope";

    private const string Numbers = "cols colSpan high low marginHeight marginWidth maxLength minLength optimum rows rowSpan size span start results";

    /// <summary>True when a cell needs it.</summary>
    public static bool IsMentioned(string code) => Mention().IsMatch(code);

    /// <summary>A file of F# source.</summary>
    public static string Source()
    {
        var source = new StringBuilder($$"""
            namespace {{Namespace}}
            open Microsoft.AspNetCore.Html
            open Microsoft.DotNet.Interactive.Formatting
            module Html =
                type HtmlAttribute = string * obj
                let custom (tag: string) (attributes: HtmlAttribute list) (content: obj list) : IHtmlContent =
                    let element = PocketView(tagName = tag)
                    for name, value in attributes do element.HtmlAttributes[name] <- value
                    if not content.IsEmpty then element.SetContent(List.toArray content)
                    element
                let rawText (text: string) : IHtmlContent = HtmlString text
                let encodedText (text: string) : IHtmlContent = HtmlString(System.Net.WebUtility.HtmlEncode text)
                let str (text: string) = encodedText text
                let embedNoContext (value: obj) : IHtmlContent = match value with :? IHtmlContent as content -> content | other -> HtmlString(Formatter.ToDisplayString(other, "text/html"))
                let _custom (name: string, value: obj) : HtmlAttribute = name, value
                let _style (rules: string list) : HtmlAttribute = "style", box (String.concat "; " rules)

            """);
        foreach (var name in Elements.Split(' '))
            source.AppendLine($"    let {name} attributes content = custom \"{name}\" attributes content");
        foreach (var (names, type) in new[] { (Texts, "string"), (Flags, "bool"), (Numbers, "float") })
            foreach (var name in names.Split(' '))
                source.AppendLine($"    let _{name} (value: {type}) : HtmlAttribute = \"{name}\", box value");
        return source.ToString();
    }

    [GeneratedRegex(@"\b(Html|FSharpKernelHelpers)\b")]
    private static partial Regex Mention();
}
