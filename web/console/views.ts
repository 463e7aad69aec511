/**
 * The parts of the game-day console, each a function from the game day to markup. The page puts them where they belong when they
 * have changed; nothing here knows of a browser.
 */
import { formatMoney } from "../../core/money.ts";
import { formatClock, formatDuration } from "../../core/time.ts";
import { formatShare } from "../../core/units.ts";
import { html, type Markup, type Part, trustedMarkup } from "../../reports/html/markup.ts";
import { dataTable, tableColumns } from "../../reports/html/table.ts";
import { type Entry, type GameDay, type Person, seatNames, type Stage } from "./game-day.ts";
import { phaseShown, progressOf, type StepState } from "./progress.ts";

/** Name of the drill, what it is played on, and who reads this. */
export function headView({ stage }: GameDay, me: Person): Markup {
  const drill = drillOf(stage);
  const world = drill === undefined ? "" : drill.mode === "tabletop" ? "tabletop" : drill.world;
  return html`<h1>${drill?.title ?? "Game day"}</h1>
    <p class="subtitle">
      ${drill === undefined ? "Nothing is being drilled yet" : `${drill.about} · ${world}`} · you are ${me.name},
      <strong>${seatNames[me.seat]}</strong>
    </p>`;
}

export function drillOf(stage: Stage): Extract<Stage, { readonly kind: "running" }>["drill"] | undefined {
  return stage.kind === "lobby" || stage.kind === "failed" ? undefined : stage.drill;
}

/** One sentence on what is going on. */
export function stageView({ stage }: GameDay): Markup | undefined {
  switch (stage.kind) {
    case "lobby":
    case "running":
      return undefined;
    case "preparing":
      return html`<p class="notice">Getting ready: ${stage.detail}</p>`;
    case "failed":
      return html`<p class="notice fail">${stage.why}${stage.hint === undefined ? "" : ` · ${stage.hint}`}</p>`;
    case "ended": {
      const { verdict, why, tiles, hidden, items } = stage.outcome;
      const tone = verdict === "interrupted" || verdict === "tabletop" ? "inconclusive" : verdict;
      return html`<section class="verdict ${tone}" aria-label="Verdict">
          <p class="word">${verdict.toUpperCase()}</p>
          <p class="why">${why}</p>
        </section>
        <dl class="tiles">
          ${tiles.map(
            ([name, value]) =>
              html`<div>
                <dt>${name}</dt>
                <dd>${value}</dd>
              </div>`,
          )}
        </dl>
        ${listOf("What was wrong", hidden, "Nothing was hidden.")} ${listOf("Action items", items, "None.")}`;
    }
  }
}

function listOf(heading: string, items: readonly string[], none: string): Markup {
  return html`<h3>${heading}</h3>
    ${
      items.length === 0
        ? html`<p class="lead">${none}</p>`
        : html`<ul class="remarks">
            ${items.map((item) => html`<li>${item}</li>`)}
          </ul>`
    }`;
}

/** The phases as a path, the present one marked. */
export function phasesView({ stage, entries }: GameDay): Markup | undefined {
  const drill = drillOf(stage);
  if (drill === undefined) return undefined;
  const { phases } = progressOf(entries, drill.phases);
  return html`<ol class="phases">
    ${drill.phases.map(({ name, title }) => {
      const state = phases.get(name) ?? "waiting";
      return html`<li class="${state}" ${state === "now" ? trustedMarkup('aria-current="step"') : ""}>${title}</li>`;
    })}
  </ol>`;
}

const stepSigns: Readonly<Record<StepState, readonly [sign: string, word: string]>> = {
  waiting: ["·", "to come"],
  now: ["→", "now"],
  held: ["✓", "done"],
  failed: ["✗", "failed"],
};

/** The present phase as the runbook has it: its prose, and its steps with what came of them. */
export function runbookView({ stage, entries }: GameDay): Markup | undefined {
  const drill = drillOf(stage);
  const phase = drill === undefined ? undefined : phaseShown({ entries }, drill.phases);
  if (drill === undefined || phase === undefined) return undefined;
  const { steps } = progressOf(entries, drill.phases);
  return html`<h2>${phase.title}</h2>
    <div class="prose">${trustedMarkup(phase.prose)}</div>
    <ol class="steps">
      ${phase.steps.map(({ id, text }) => {
        const state = steps.get(id) ?? "waiting";
        const [sign, word] = stepSigns[state];
        return html`<li class="${state}">
          <span class="sign" aria-hidden="true">${sign}</span>
          <span>${text} <span class="quiet">${id}, ${word}</span></span>
        </li>`;
      })}
    </ol>`;
}

/** What fires. */
export function alertsView({ samples, nowMs }: GameDay): Markup {
  const alerts = samples.at(-1)?.alerts ?? [];
  if (alerts.length === 0) return html`<p class="lead">None fires.</p>`;
  return html`<ul class="alerts">
    ${alerts.map(
      ({ alert, severity, sinceMs }) =>
        html`<li>
          <strong>${alert}</strong>
          <span class="quiet">${severity}, for ${formatDuration(wholeSeconds(nowMs - sinceMs))}</span>
        </li>`,
    )}
  </ul>`;
}

function wholeSeconds(ms: number): number {
  return Math.max(0, Math.round(ms / 1_000) * 1_000);
}

export function providersView({ samples }: GameDay): Markup {
  const providers = samples.at(-1)?.providers ?? [];
  const rows = providers.map(({ name, requestsPerSecond, errors, ttftP95Ms }): readonly Part[] => [
    name,
    rate(requestsPerSecond),
    share(errors),
    duration(ttftP95Ms),
  ]);
  return dataTable(tableColumns(["Provider", "Per second", "Failed", "First token"]), rows);
}

export function fleetView({ samples }: GameDay): Markup {
  const last = samples.at(-1);
  const figures: readonly (readonly [string, string])[] = [
    ["Ready", count(last?.replicas.ready)],
    ["Wished for", count(last?.replicas.wished)],
    ["Waiting requests", count(last?.waiting)],
    ["Spent", last === undefined ? "–" : formatMoney(last.cost)],
  ];
  return html`<dl class="figures">
    ${figures.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

export function peopleView({ people }: GameDay, me: Person): Markup {
  if (people.length === 0) return html`<p class="lead">Nobody is here.</p>`;
  return html`<ul class="people">
    ${people.map(
      ({ name, seat }) =>
        html`<li>
          ${name}${name === me.name && seat === me.seat ? " (you)" : ""} <span class="quiet">${seatNames[seat]}</span>
        </li>`,
    )}
  </ul>`;
}

/** Kinds of entries that only the engine wants to see: the words of others say the same. */
const quiet: ReadonlySet<string> = new Set(["step-begins", "action-begins", "undo-begins", "question"]);

const loud: ReadonlySet<string> = new Set([
  "alert-fires",
  "limit-broken",
  "step-fails",
  "undo-fails",
  "users-affected",
]);

/** The journal, newest first. */
export function journalView({ entries }: GameDay): Markup {
  const shown = entries.filter(({ kind }) => !quiet.has(kind)).toReversed();
  if (shown.length === 0) return html`<p class="lead">Nothing has happened yet.</p>`;
  return html`<ol class="journal">
    ${shown.map(entryView)}
  </ol>`;
}

function entryView({ atMs, wall, kind, step, who, text }: Entry): Markup {
  const instant = formatClock(atMs);
  return html`<li class="${loud.has(kind) ? "loud" : kind === "note" && who !== "squall" ? "said" : ""}">
    <time ${wall === undefined ? "" : trustedMarkup(`title="${wall.slice(11, 19)} UTC"`)}>${instant}</time>
    <span class="kind">${kind.replaceAll("-", " ")}</span>
    <span>${text}${step === undefined ? "" : html` <span class="quiet">${step}</span>`}${saidBy(who)}</span>
  </li>`;
}

function saidBy(who: string): Part {
  return who === "squall" ? "" : html` <span class="quiet">– ${who}</span>`;
}

export function share(value: number | undefined): string {
  return value === undefined ? "–" : formatShare(value);
}

export function duration(value: number | undefined): string {
  return value === undefined ? "–" : formatDuration(Math.round(value));
}

export function rate(value: number | undefined): string {
  return value === undefined ? "–" : value.toFixed(1);
}

function count(value: number | undefined): string {
  return value === undefined ? "–" : String(value);
}
