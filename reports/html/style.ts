/**
 * The page's style sheet: one calm column, for a laptop, a dark room and A4 paper.
 *
 * Chart colours are Okabe and Ito's, as variables that the SVGs refer to. Text meets WCAG 2.2 AA contrast (4.5 to 1) on its background
 * in both schemes.
 */
export const styleSheet: string = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --wash: #f6f7f9; --ink: #1a1d21; --muted: #59616c; --grid: #e8eaed; --rule: #cfd4da;
  --live: #0072b2; --live-soft: #4a9fd0; --simulated: #c04a00; --baseline: #5f6873; --ok: #9dbdd4;
  --pass: #00704f; --fail: #b3361b; --inconclusive: #7a5a00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181c; --wash: #1e2227; --ink: #e8eaed; --muted: #a2aab4; --grid: #2a2f36; --rule: #414852;
    --live: #56b4e9; --live-soft: #8fcdf2; --simulated: #ff9a56; --baseline: #a2aab4; --ok: #47667d;
    --pass: #4fc3a1; --fail: #ff8a6b; --inconclusive: #e3c04b;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
main { max-width: 960px; margin: 0 auto; padding: 40px 24px 56px; }
header .label { font-size: 12px; letter-spacing: .08em; text-transform: uppercase; color: var(--muted); margin: 0 0 4px; }
h1 { font-size: 30px; line-height: 1.2; letter-spacing: -.015em; margin: 0; font-weight: 650; }
.subtitle { color: var(--muted); margin: 6px 0 0; }
h2 { font-size: 19px; line-height: 1.3; letter-spacing: -.01em; margin: 48px 0 4px; font-weight: 650; }
h3 { font-size: 14px; margin: 20px 0 6px; font-weight: 600; }
h2 + .lead { margin: 0 0 12px; color: var(--muted); max-width: 78ch; }
.verdict { margin: 28px 0 0; padding: 20px 24px; background: var(--wash); border-left: 6px solid var(--tone); border-radius: 3px; }
.verdict .word { font-size: 34px; line-height: 1.1; font-weight: 700; letter-spacing: -.01em; color: var(--tone); margin: 0; }
.verdict .why { margin: 8px 0 0; font-size: 17px; max-width: 72ch; }
.pass { --tone: var(--pass); } .fail { --tone: var(--fail); } .inconclusive { --tone: var(--inconclusive); }
.tiles { display: flex; flex-wrap: wrap; gap: 1px; margin: 20px 0 0; padding: 0; background: var(--grid); border: 1px solid var(--grid); border-radius: 3px; overflow: hidden; }
.tiles div { flex: 1 1 132px; background: var(--paper); padding: 12px 14px; }
.tiles dt { font-size: 12px; color: var(--muted); }
.tiles dd { margin: 2px 0 0; font-size: 20px; font-weight: 600; letter-spacing: -.01em; white-space: nowrap; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
caption { text-align: left; color: var(--muted); font-size: 13px; padding: 0 0 6px; }
th, td { padding: 7px 10px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--grid); }
thead th { font-size: 12px; font-weight: 600; color: var(--muted); border-bottom-color: var(--rule); white-space: nowrap; }
tbody th { font-weight: 500; } tbody th.text { min-width: 8em; }
th:first-child { padding-left: 0; } th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }
.judgement { color: var(--tone); font-weight: 600; white-space: nowrap; }
.detail { display: block; color: var(--muted); font-size: 13px; font-weight: 400; max-width: 64ch; }
.remarks { margin: 4px 0 0; padding-left: 18px; font-size: 14px; } .remarks li { margin: 2px 0; }
.faint { color: var(--muted); }
figure { margin: 8px 0 20px; } figure h3 { margin-bottom: 2px; }
figure svg { display: block; width: 100%; height: auto; color: var(--ink); font-family: inherit; }
figcaption { margin-top: 4px; color: var(--muted); font-size: 13px; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 0 24px; }
.pair h3 { margin-top: 8px; }
.bar { display: inline-block; height: 8px; background: var(--live); border-radius: 1px; vertical-align: middle; }
pre { background: var(--wash); padding: 14px 16px; border-radius: 3px; overflow-x: auto; font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; margin: 8px 0 0; }
details summary { cursor: pointer; color: var(--muted); }
.small dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 20px; font-size: 14px; margin: 8px 0 0; }
.small dt { color: var(--muted); } .small dd { margin: 0; }
@media (max-width: 720px) { main { padding: 24px 16px 40px; } .verdict { padding: 16px; } .small dl { grid-template-columns: 1fr; gap: 0; } .small dd { margin-bottom: 8px; } }
@page { size: A4; margin: 14mm 15mm; }
@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --wash: #f6f7f9; --ink: #1a1d21; --muted: #59616c; --grid: #e8eaed; --rule: #cfd4da;
    --live: #0072b2; --live-soft: #4a9fd0; --simulated: #c04a00; --baseline: #5f6873; --ok: #9dbdd4;
    --pass: #00704f; --fail: #b3361b; --inconclusive: #7a5a00;
  }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
  h1 { font-size: 22pt; } h2 { font-size: 13pt; margin-top: 16pt; break-after: avoid; } h3, .lead { break-after: avoid; }
  table { font-size: 9.5pt; } th, td { padding: 4.5pt 6pt; } .detail, figcaption, caption { font-size: 8.5pt; }
  .tiles div { flex-basis: 60px; padding: 8pt; } .tiles dd { font-size: 13pt; } .verdict { margin-top: 14pt; padding: 12pt 16pt; }
  figure, .scroll, .verdict, .tiles, .lead, tr, pre, details { break-inside: avoid; }
  figure { margin: 4pt 0 10pt; } .small dl { font-size: 9pt; gap: 2pt 14pt; } .small h3 { margin-top: 10pt; }
  .scroll { overflow: visible; } .pair { grid-template-columns: 1fr 1fr; } pre { white-space: pre-wrap; font-size: 8.5pt; }
}
`;
