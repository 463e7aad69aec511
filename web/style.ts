/** The style sheet of the browser pages: that of the reports, and what a page that people act on needs besides. */
import { styleSheet } from "../reports/html/style.ts";

export const pageStyle: string = `${styleSheet}
:root { --accent: var(--live); --on-accent: #ffffff; --alarm: var(--fail); }
@media (prefers-color-scheme: dark) { :root { --on-accent: #0c1116; } }
main { max-width: 1180px; padding-top: 28px; }
nav { display: flex; gap: 4px 22px; align-items: baseline; flex-wrap: wrap; padding: 12px max(24px, calc((100% - 1132px) / 2)); border-bottom: 1px solid var(--grid); font-size: 14px; }
nav .brand { font-weight: 650; letter-spacing: -.01em; margin-right: 6px; }
nav a { color: var(--muted); text-decoration: none; padding: 2px 0; border-bottom: 2px solid transparent; }
nav a[aria-current] { color: var(--ink); border-color: var(--accent); } nav a:hover { color: var(--ink); }
.skip { position: absolute; left: -999px; } .skip:focus { left: 12px; top: 8px; background: var(--paper); padding: 4px 10px; }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none !important; }
a { color: var(--accent); } h1 { font-size: 26px; }
h2 { font-size: 15px; margin: 28px 0 6px; letter-spacing: 0; }
.quiet { color: var(--muted); font-size: 13px; font-weight: 400; } .lead { color: var(--muted); margin: 0; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

input, select, textarea, button { font: inherit; color: inherit; }
input:not([type="radio"], [type="range"], [type="checkbox"]), select, textarea { background: var(--paper); border: 1px solid var(--rule); border-radius: 4px; padding: 7px 10px; min-width: 0; max-width: 100%; }
input::placeholder { color: var(--muted); opacity: 1; }
button, .button { background: var(--accent); color: var(--on-accent); border: 1px solid var(--accent); border-radius: 4px; padding: 7px 16px; font-weight: 600; cursor: pointer; text-decoration: none; }
button:hover { filter: brightness(1.08); } button:disabled, form[data-busy] button { opacity: .55; cursor: default; }
.quiet-button { background: transparent; color: var(--ink); border-color: var(--rule); font-weight: 500; }
.danger { background: transparent; color: var(--alarm); border-color: var(--alarm); }
fieldset { border: 0; margin: 0; padding: 0; } legend { padding: 0; font-size: 13px; color: var(--muted); }
.stacked { display: grid; gap: 14px; max-width: 460px; justify-items: start; } .stacked > label { display: grid; gap: 4px; width: 100%; font-size: 13px; color: var(--muted); }
.stacked > label > * { color: var(--ink); font-size: 15px; width: 100%; } fieldset label { display: block; font-size: 15px; padding: 2px 0; color: var(--ink); }
.inline { display: flex; gap: 8px; flex-wrap: wrap; } .inline input { flex: 1 1 220px; }
.problem { color: var(--alarm); margin: 0; font-size: 14px; width: 100%; } .problem:empty { display: none; }
.notice { margin: 16px 0 0; padding: 10px 14px; background: var(--wash); border-radius: 4px; } .notice.fail { color: var(--alarm); }
.links { display: flex; gap: 20px; margin: 16px 0; } #join { max-width: 460px; margin: 8vh auto; } #join h1 { margin-bottom: 4px; } #join .lead { margin-bottom: 22px; } #lobby { margin-top: 28px; }

.console header { display: flex; justify-content: space-between; align-items: flex-end; gap: 12px 32px; flex-wrap: wrap; }
.clocks { display: flex; gap: 28px; margin: 0; } .clocks dt { font-size: 12px; color: var(--muted); } .clocks dd { margin: 0; font-size: 22px; font-weight: 600; letter-spacing: -.01em; line-height: 1.2; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) 300px; gap: 0 48px; align-items: start; }
#drill aside > section:first-child h2 { margin-top: 22px; }
.phases { list-style: none; display: flex; flex-wrap: wrap; gap: 6px; margin: 24px 0 0; padding: 0; font-size: 13px; }
.phases li { flex: 1 1 90px; padding: 6px 0 0; border-top: 3px solid var(--grid); color: var(--muted); }
.phases .over { border-color: var(--baseline); color: var(--ink); } .phases .now { border-color: var(--accent); color: var(--ink); font-weight: 600; }
.question { margin: 20px 0 0; padding: 16px 20px; background: var(--wash); border-left: 4px solid var(--rule); border-radius: 4px; }
.question.mine { border-color: var(--accent); }
.question p { margin: 0; } .question .kind { font-size: 13px; font-weight: 600; color: var(--muted); } .question.mine .kind { color: var(--accent); } .question .kind .quiet { font-weight: 400; margin-left: 6px; }
.question .text { font-size: 17px; margin: 4px 0 12px; } .question form { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: end; }
.question label { font-size: 13px; color: var(--muted); display: grid; gap: 3px; flex: 1 1 200px; } .question label input { color: var(--ink); font-size: 15px; } .buttons { display: flex; gap: 8px; flex-wrap: wrap; }
.slis { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 18px 24px; margin: 26px 0 4px; }
.sli p { display: flex; justify-content: space-between; align-items: baseline; margin: 0 0 2px; font-size: 13px; color: var(--muted); }
.sli strong { font-size: 19px; font-weight: 600; color: var(--ink); letter-spacing: -.01em; } .sli.over strong { color: var(--alarm); }
.spark { display: block; width: 100%; height: 72px; background: var(--wash); border-radius: 3px; overflow: visible; }
.spark * { vector-effect: non-scaling-stroke; } .spark .line { fill: none; stroke: var(--live); stroke-width: 1.75; stroke-linejoin: round; }
.spark .dot { fill: var(--live); } .spark .limit { stroke: var(--alarm); stroke-width: 1; stroke-dasharray: 3 3; } .spark .tick { stroke: var(--rule); stroke-width: 1; }
.prose { max-width: 72ch; } .prose p, .prose ul, .prose ol { margin: 6px 0; } .prose code { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--wash); padding: 1px 4px; border-radius: 3px; }
#runbook h2 { font-size: 19px; margin-bottom: 2px; }
.steps { list-style: none; padding: 0; margin: 14px 0 0; } .steps li { display: flex; gap: 10px; padding: 6px 0; border-top: 1px solid var(--grid); color: var(--muted); } .steps li > span:last-child { flex: 1; }
.steps .sign { width: 1em; text-align: center; font-weight: 600; } .steps .now, .steps .held, .steps .failed { color: var(--ink); } .steps .now { font-weight: 600; } .steps .now .sign { color: var(--accent); } .steps .held .sign { color: var(--pass); } .steps .failed .sign { color: var(--alarm); }
.alerts, .people { list-style: none; margin: 0; padding: 0; } .alerts li { padding: 6px 0 6px 12px; border-left: 4px solid var(--alarm); margin-bottom: 6px; } .alerts .quiet { display: block; } .people li { padding: 2px 0; }
.figures { display: grid; grid-template-columns: 1fr 1fr; gap: 10px 16px; margin: 0; } .figures dt { font-size: 12px; color: var(--muted); } .figures dd { margin: 0; font-size: 17px; font-weight: 600; }
aside table { font-size: 13px; } aside th, aside td { padding: 5px 6px; } aside th:first-child { padding-left: 0; } aside thead th, aside thead th.number { white-space: normal; vertical-align: bottom; }
#journal { max-height: 420px; overflow-y: auto; margin-top: 12px; } .journal { list-style: none; margin: 0; padding: 0; font-size: 14px; }
.journal li { display: grid; grid-template-columns: 52px 112px minmax(0, 1fr); gap: 0 12px; padding: 5px 0; border-bottom: 1px solid var(--grid); } .journal time, .journal .kind { color: var(--muted); font-size: 13px; line-height: 21px; } .journal time { text-align: right; }
.journal .loud > span:last-child { font-weight: 600; } .journal .loud .kind { color: var(--alarm); } .journal .said { background: var(--wash); }
#end { margin-top: 28px; } #end form { margin-top: 10px; }

.side { display: grid; grid-template-columns: 300px minmax(0, 1fr); gap: 0 40px; margin-top: 12px; }
.two { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0 40px; align-items: start; } .two .side { grid-template-columns: minmax(0, 1fr); }
.pick { display: flex; gap: 10px; flex-wrap: wrap; margin: 8px 0 4px; } .pick label { display: grid; gap: 3px; font-size: 13px; color: var(--muted); } .pick label:first-child { flex: 1 1 180px; min-width: 0; } .pick select, .pick input { color: var(--ink); font-size: 15px; width: 100%; }
.knob { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 12px; padding: 8px 0; font-size: 14px; border-top: 1px solid var(--grid); } .knob output { font-weight: 600; } .knob input { grid-column: 1 / -1; width: 100%; margin: 4px 0 0; accent-color: var(--accent); }
.text { margin: 12px 0 0; } .text summary { font-size: 13px; margin-bottom: 4px; } .side .texts .text:first-child { margin-top: 28px; }
textarea { width: 100%; resize: vertical; font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; tab-size: 2; }
.problems { list-style: none; padding: 0; margin: 6px 0; font-size: 14px; } .problems li { padding: 4px 0; border-top: 1px solid var(--grid); } .problems button { padding: 0 8px; font-size: 13px; font-weight: 500; background: transparent; color: var(--alarm); border-color: var(--alarm); }
.problems-place { margin-top: 8px; } .copy { display: flex; gap: 8px; flex-wrap: wrap; margin: 10px 0 0; } .copy button { font-size: 13px; padding: 5px 12px; }
.command { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
#acts { display: flex; gap: 10px; align-items: center; flex-wrap: wrap; margin: 14px 0 0; padding: 10px 0; position: sticky; top: 0; z-index: 1; background: var(--paper); border-bottom: 1px solid var(--grid); }
#reports:not(.two) article { max-width: 912px; } #comparison { max-width: 912px; } article .links { align-items: baseline; }
#reports.two .tiles div { flex-basis: 110px; }

@media (max-width: 860px) {
  .side, .two { grid-template-columns: minmax(0, 1fr); }
  main { padding: 20px 16px 40px; } nav { padding: 10px 16px; } .columns { grid-template-columns: minmax(0, 1fr); } h1 { font-size: 23px; }
  .journal li { grid-template-columns: 44px minmax(0, 1fr); } .journal li > span:last-child { grid-column: 2; } .question { padding: 14px 16px; } .buttons button { flex: 1 1 120px; } .buttons { width: 100%; }
}
@media (prefers-reduced-motion: no-preference) { .question { animation: arrive .25s ease-out; } @keyframes arrive { from { opacity: 0; transform: translateY(4px); } } }
`;
