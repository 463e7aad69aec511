/**
 * The page's style sheet: one column that a dashboard screen and a telephone both hold, in light and in dark. Text meets WCAG 2.2 AA
 * contrast (4.5 to 1) on its background in both; states differ in words as well as in colour.
 */
export const statusStyle: string = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --wash: #f3f5f7; --ink: #1a1d21; --muted: #59616c; --grid: #e4e7ea; --rule: #c3c9d0;
  --easy: #0072b2; --tight: #b36b00; --full: #b3361b; --ok: #00704f; --accent: #0a5c91;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181c; --wash: #20252b; --ink: #e8eaed; --muted: #a2aab4; --grid: #2a2f36; --rule: #4a525c;
    --easy: #56b4e9; --tight: #e3b04b; --full: #ff8a6b; --ok: #4fc3a1; --accent: #8fcdf2;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1080px; padding: 32px 24px 48px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums;
}
h1 { font-size: 26px; line-height: 1.2; letter-spacing: -.015em; margin: 0; font-weight: 650; }
header p { margin: 4px 0 0; }
h2 { font-size: 18px; letter-spacing: -.01em; margin: 36px 0 10px; font-weight: 650; }
h2 .note { font-size: 13px; font-weight: 400; letter-spacing: 0; color: var(--muted); margin-left: 6px; }
.muted, .none { color: var(--muted); } .empty { color: var(--muted); margin: 8px 0 0; }
a { color: var(--accent); } code { font: 13px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } td code { white-space: nowrap; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { padding: 7px 10px; text-align: left; vertical-align: baseline; border-bottom: 1px solid var(--grid); }
thead th { font-size: 12px; font-weight: 600; color: var(--muted); border-bottom-color: var(--rule); white-space: nowrap; }
tbody th { font-weight: 600; white-space: nowrap; } tbody th .muted { font-weight: 400; font-size: 13px; }
th:first-child, td:first-child { padding-left: 0; } th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }
.limits, .faults { list-style: none; margin: 0; padding: 0; }
.limits li { display: grid; grid-template-columns: minmax(0, 5fr) minmax(120px, 5fr) minmax(0, 4fr); gap: 4px 18px; align-items: center; padding: 7px 0; border-bottom: 1px solid var(--grid); font-size: 14px; }
.bar { height: 10px; background: var(--wash); border-radius: 5px; overflow: hidden; box-shadow: inset 0 0 0 1px var(--grid); }
.bar i { display: block; height: 100%; background: var(--easy); min-width: 2px; }
.bar.tight i { background: var(--tight); } .bar.full i { background: var(--full); }
.figures { text-align: right; }
.switches { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin: 6px 0; } .switches b { flex: 0 0 9.5em; font-size: 14px; }
button { font: inherit; font-size: 13px; padding: 4px 11px; color: var(--ink); background: var(--wash); border: 1px solid var(--rule); border-radius: 5px; cursor: pointer; }
button:hover { border-color: var(--ink); }
button:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
button[aria-pressed="true"] { background: var(--full); border-color: var(--full); color: var(--paper); font-weight: 600; }
button[aria-pressed="true"]::after { content: " \\00b7 on"; }
.faults { margin-top: 14px; } .faults li { display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: baseline; padding: 7px 0; border-bottom: 1px solid var(--grid); font-size: 14px; }
.faults li button { margin-left: auto; }
.phase { font-weight: 600; } .phase.on { color: var(--full); } .phase.waiting { color: var(--tight); }
.outcome { font-weight: 600; white-space: nowrap; } .outcome.ok { color: var(--ok); } .outcome.limited { color: var(--tight); } .outcome.bad { color: var(--full); }
footer { margin-top: 36px; padding-top: 12px; border-top: 1px solid var(--rule); font-size: 13px; } footer p { margin: 4px 0; }
#told { min-height: 1.5em; color: var(--ink); }
@media (max-width: 640px) {
  body { padding: 20px 16px 32px; }
  .limits li { grid-template-columns: 1fr; } .figures { text-align: left; }
  .switches b { flex-basis: 100%; }
}
`;
