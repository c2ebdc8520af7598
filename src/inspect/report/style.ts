/** How a report looks: the monitor's colours, for a screen and for A4. Every colour is also a word, a border or a pattern. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f4f6f7; --ink: #11181d; --soft: #4d5b66; --line: #c3ccd3; --grid: #e3e8eb;
  --proven: #0b57b0; --lost: #8a4b00; --damaged: #b3131f; --unchecked: #3c4650;
  --proven-fill: #cfe0f5; --lost-fill: #ffe2ab; --damaged-fill: #f9cfd2; --unchecked-fill: #e3e8eb;
  font: 15px/1.45 system-ui, 'DejaVu Sans', sans-serif;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #0e1317; --panel: #182027; --ink: #e9eef1; --soft: #a3b1bc; --line: #38444e; --grid: #242e36;
    --proven: #7db7ff; --lost: #ffbf4d; --damaged: #ff7b83; --unchecked: #ced6dc;
    --proven-fill: #173556; --lost-fill: #4a3303; --damaged-fill: #56161b; --unchecked-fill: #2a343c;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 28px 24px 48px; max-width: 980px; background: var(--page); color: var(--ink); font-variant-numeric: tabular-nums; }
h1, h2, h3, p, ul, dl, dd, figure { margin: 0; padding: 0; }
h1 { font-size: 1.75rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 36px 0 10px; font-size: 1.27rem; overflow-wrap: anywhere; break-after: avoid; }
h3, figcaption { margin: 0 0 6px; font-size: 1rem; font-weight: 650; break-after: avoid; }
h3 { margin-top: 24px; }
.block > h2:first-child { margin-top: 32px; }
.kind { color: var(--soft); font-size: 0.87rem; letter-spacing: 0.04em; text-transform: uppercase; }
.soft { color: var(--soft); font-size: 0.87rem; }
h2 .camera { color: var(--soft); font-weight: 400; }
code { font: 0.83rem/1.4 ui-monospace, 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }
a { color: inherit; }
ul { padding-left: 20px; }
.headline { display: flex; gap: 6px 16px; flex-wrap: wrap; align-items: baseline; margin-top: 18px; padding: 14px 18px; border: 2px solid; border-left-width: 10px; border-radius: 4px; font-size: 1.2rem; }
.headline b { flex: none; }
.headline span { flex: 1 1 20em; color: var(--ink); overflow-wrap: anywhere; }
.headline.proven { border-style: solid; } .headline.lost { border-style: dashed; } .headline.damaged { border-style: double; border-width: 5px 5px 5px 10px; } .headline.unchecked { border-style: dotted; }
.headline, .chip { color: var(--unchecked); background: var(--unchecked-fill); }
.headline.proven, .chip.proven { color: var(--proven); background: var(--proven-fill); }
.headline.lost, .chip.lost { color: var(--lost); background: var(--lost-fill); }
.headline.damaged, .chip.damaged { color: var(--damaged); background: var(--damaged-fill); }
.chip { display: inline-block; padding: 0 8px; border: 1.5px solid; border-radius: 3px; font-size: 0.87rem; font-weight: 650; white-space: nowrap; }
.chip.lost { border-style: dashed; } .chip.damaged { border-style: double; border-width: 3px; } .chip.unchecked { border-style: dotted; }
.recording { margin-top: 44px; border-top: 2px solid var(--ink); }
.recording > h2 { margin-top: 16px; }
.verdict { font-size: 1.07rem; overflow-wrap: anywhere; }
.findings { margin: 10px 0 0; padding: 0; list-style: none; }
.findings li { padding: 3px 0 3px 10px; border-left: 4px solid var(--line); overflow-wrap: anywhere; }
.findings li + li { margin-top: 4px; }
.findings .failed { border-left-color: var(--damaged); border-left-style: double; } .findings .lost { border-left-color: var(--lost); border-left-style: dashed; }
dl { margin-top: 14px; border-top: 1px solid var(--line); }
dl > div { display: flex; gap: 12px; padding: 4px 0; border-bottom: 1px solid var(--grid); break-inside: avoid; }
dt { flex: 0 0 9.5em; color: var(--soft); }
dd { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.cut { margin-top: 20px; }
figure { margin-top: 26px; }
figure > p { margin-top: 4px; }
figure, .block, tr, .findings li { break-inside: avoid; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 11px system-ui, 'DejaVu Sans', sans-serif; fill: var(--soft); text-anchor: start; }
svg text.middle { text-anchor: middle; } svg text.end { text-anchor: end; }
svg text.title { fill: var(--ink); }
svg text.name { fill: var(--ink); font-weight: 650; }
.grid { stroke: var(--grid); } .base { stroke: var(--soft); fill: none; }
.data { stroke: var(--proven); stroke-width: 0.9; fill: none; }
.data.few { stroke-width: 2.2; stroke-linecap: round; }
.far { stroke: var(--damaged); stroke-width: 5; stroke-linecap: round; fill: none; }
.median { stroke: var(--soft); stroke-dasharray: 5 4; fill: none; }
.bars { fill: var(--proven); }
.bar { stroke: var(--unchecked); stroke-width: 1.2; fill: var(--unchecked-fill); stroke-dasharray: 2 2; }
.bar.proven { stroke: var(--proven); fill: var(--proven-fill); stroke-dasharray: none; }
.bar.lost { stroke: var(--lost); fill: url(#fill-lost); stroke-dasharray: none; }
.bar.damaged { stroke: var(--damaged); fill: url(#fill-damaged); stroke-dasharray: none; }
.back.lost { fill: var(--lost-fill); } .stroke.lost { stroke: var(--lost); opacity: 0.45; } .back.damaged { fill: var(--damaged-fill); } .stroke.damaged { stroke: var(--damaged); opacity: 0.55; }
.plate { fill: var(--page); } svg text.in { fill: var(--ink); }
.gaps { stroke: var(--ink); stroke-width: 1.2; fill: none; }
table { border-collapse: collapse; margin-top: 6px; font-size: 0.9rem; }
table.wide { width: 100%; }
thead { display: table-header-group; }
th { padding: 4px 8px; border-bottom: 1.5px solid var(--ink); text-align: left; font-weight: 650; vertical-align: bottom; }
td { padding: 4px 8px; border-bottom: 1px solid var(--grid); vertical-align: top; overflow-wrap: anywhere; }
th:first-child, td:first-child { padding-left: 0; } th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }
td.number { overflow-wrap: normal; }
.digest { font: 0.77rem/1.4 ui-monospace, 'DejaVu Sans Mono', monospace; }
.thumbnails { display: grid; grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); gap: 10px; }
.thumbnails img { display: block; width: 100%; border: 1px solid var(--line); }
.thumbnails p { font-size: 0.83rem; }
@page { size: A4; margin: 14mm 14mm 16mm; }
@media print {
  :root { font-size: 12px; --page: #ffffff; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; }
  .recording { break-before: page; margin-top: 0; }
  .recording.short { break-before: auto; margin-top: 20px; }
  .thumbnails { grid-template-columns: repeat(6, 1fr); gap: 6px; }
  figure { margin-top: 16px; } h3 { margin-top: 16px; }
  a { text-decoration: none; }
}
`;
