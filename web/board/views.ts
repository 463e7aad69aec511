/** The parts of the planning board, each a function to markup; nothing here knows of a browser. */
import { html, type Markup, trustedMarkup } from "../../reports/html/markup.ts";
import { dataTable, tableColumns } from "../../reports/html/table.ts";
import type { Refused, Simulated } from "./candidate.ts";
import type { Knob } from "./knobs.ts";

/** Which of the two. */
export type Side = "a" | "b";

export const sideNames: Readonly<Record<Side, string>> = { a: "Candidate A", b: "Candidate B" };

export function knobsView(side: Side, knobs: readonly Knob[]): Markup {
  if (knobs.length === 0) return html`<p class="lead">There is nothing to turn here: edit the text.</p>`;
  return html`${knobs.map(({ id, label, value, min, max, step, shown }) => {
    const name = `knob-${side}-${id.replaceAll(/[^\w]/g, "-")}`;
    return html`<div class="knob">
      <label for="${name}">${label}</label>
      <output for="${name}">${knobValue(value, shown)}</output>
      <input id="${name}" type="range" data-knob="${id}" min="${min}" max="${max}" step="${step}" value="${value}" />
    </div>`;
  })}`;
}

/** `1.5 ×`, `1,200`. */
export function knobValue(value: number, shown: Knob["shown"]): string {
  return shown === "times" ? `${Number(value.toFixed(2))} ×` : String(value);
}

/** Every problem at its line; those that have one lead there. */
export function problemsView({ message, problems, hint }: Refused): Markup {
  const list = problems.map(({ path, message: what, hint: how, line }) => {
    const at = line === undefined ? "" : html`<button type="button" data-line="${line}">line ${line}</button> `;
    return html`<li>
      ${at}<strong>${path}</strong> ${what}${how === undefined ? "" : html` <span class="quiet">${how}</span>`}
    </li>`;
  });
  return html`<p class="problem">${message}${hint === undefined ? "" : html` <span class="quiet">${hint}</span>`}</p>
    <ul class="problems">
      ${list}
    </ul>`;
}

/** Both beside each other, figure by figure. */
export function comparisonView(a: Simulated, b: Simulated): Markup {
  const names = [...new Set([...a.figures, ...b.figures].map(([name]) => name))];
  const [ofA, ofB] = [new Map(a.figures), new Map(b.figures)];
  const rows = [
    ["Verdict", a.verdict, b.verdict],
    ...names.map((name) => [name, ofA.get(name) ?? "–", ofB.get(name) ?? "–"]),
  ];
  return html`<h2>Side by side</h2>
    ${dataTable(tableColumns(["Figure", sideNames.a, sideNames.b]), rows)}`;
}

/** The report of one side. Marks within it are given names of their own, so that two reports fit on one page. */
export function reportView(side: Side, { body }: Simulated): Markup {
  const own = body
    .replaceAll(
      /\b(id|for|clip-path|aria-labelledby|aria-describedby)="([^"]*)"/g,
      (_, name: string, value: string) => {
        const named = value.startsWith("url(#")
          ? value.replace("url(#", `url(#${side}-`)
          : value.replaceAll(/\S+/g, (word) => `${side}-${word}`);
        return `${name}="${named}"`;
      },
    )
    .replaceAll(/\burl\(#(?!a-|b-)/g, `url(#${side}-`);
  return trustedMarkup(own);
}
