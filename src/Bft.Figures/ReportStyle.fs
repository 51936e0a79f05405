namespace Bft.Figures

/// How the report page looks.
module internal ReportStyle =
    let css = """
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 860px; padding: 24px 20px 80px; color: #1F2328; background: #fff;
  font: 16px/1.55 Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .5rem; } h2 { font-size: 1.3rem; line-height: 1.3; } h3 { font-size: 1.08rem; }
section.notebook { border-top: 3px solid #1F2328; margin-top: 3.5rem; padding-top: 1rem; }
section.notebook h1 { font-size: 1.45rem; }
a { color: #0059A0; } p.name { color: #4A5158; font-size: .85rem; margin: 0 0 .4rem; }
pre, code { font: 13px/1.45 "DejaVu Sans Mono", Menlo, Consolas, monospace; }
pre { background: #F6F8FA; border-radius: 4px; padding: 10px 12px; overflow-x: auto; white-space: pre; margin: .5rem 0; }
pre.stream { background: #fff; border-left: 3px solid #D0D7DE; white-space: pre-wrap; }
details.code { margin: .6rem 0; } details.code > summary { cursor: pointer; color: #4A5158; font-size: .85rem; }
.output { margin: .7rem 0; overflow-x: auto; } .output > svg, .bft-figure > svg { max-width: 100%; height: auto; display: block; }
.math { font-family: "DejaVu Serif", Georgia, serif; font-style: italic; } div.math { margin: .6rem 2rem; }
table { border-collapse: collapse; font-size: .88rem; margin: .8rem 0; } caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { border-bottom: 1px solid #D8DEE4; padding: 5px 10px 5px 0; vertical-align: top; text-align: left; } thead th { border-bottom: 2px solid #8C959F; }
table.claims td { overflow-wrap: anywhere; } table.claims td:nth-child(3) { white-space: nowrap; font-weight: 600; }
tr.holds td:nth-child(3)::before { content: "\2713\00a0"; color: #00704F; } tr.holds td:nth-child(3) { color: #00704F; }
tr.fails td:nth-child(3)::before { content: "\2717\00a0"; } tr.fails td:nth-child(3) { color: #B04300; }
tr.undecided td:nth-child(3)::before { content: "?\00a0"; } tr.undecided td:nth-child(3), tr.none td:nth-child(3) { color: #57606A; }
tr.failure td:nth-child(3)::before { content: "!\00a0"; } tr.failure td:nth-child(3) { color: #A40E26; }
.failure-note { border-left: 4px solid #A40E26; background: #FFF4F4; padding: 8px 12px; }
@media print { details.code { display: none; } section.notebook { break-before: page; } }
"""
