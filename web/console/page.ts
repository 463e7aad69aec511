/** The game-day console before its script has run: landmarks and forms, with room for what the script fills in. */
import { html, type Markup } from "../../reports/html/markup.ts";
import { pageShell } from "../shell.ts";
import type { Offer, Seat } from "./game-day.ts";

export interface ConsolePage {
  readonly key: string;
  readonly seat: Seat;
  readonly offers: readonly Offer[];
  /** Paths of scenarios that may be played in place of a runbook's own. */
  readonly scenarios: readonly string[];
  /** What was settled on the command line, so that it is not asked here; undefined: the lead chooses. */
  readonly settled: "simulated" | "live" | "tabletop" | undefined;
  /** Whether the server has a planning board too. */
  readonly hasBoard: boolean;
}

export function consolePage({ key, seat, offers, scenarios, settled, hasBoard }: ConsolePage): string {
  const isLead = seat === "incident-lead";
  const body = [
    joinForm(seat),
    html`<div id="console" hidden>
      ${head()}
      <p id="connection" class="notice fail" role="status" hidden></p>
      <div id="stage"></div>
      <div id="results" hidden>
        <p class="links">
          <a id="review" href="/review?key=${key}">Read the review</a>
          <a href="/journal?key=${key}" download="journal.ndjson">Journal</a>
        </p>
        ${isLead && settled === undefined ? againForm() : undefined}
      </div>
      <section id="lobby" aria-label="Begin a drill" hidden>
        ${isLead ? beginForm(offers, scenarios, settled) : waiting()}
      </section>
      ${drillColumns()} ${journalColumns(isLead)}
    </div>`,
  ];
  return pageShell({ page: "console", title: "Game day", key, hasBoard, data: { key, seat }, body });
}

function head(): Markup {
  return html`<header>
    <div id="head"></div>
    <dl class="clocks">
      <div>
        <dt>Scenario</dt>
        <dd id="scenario-clock">0:00</dd>
      </div>
      <div>
        <dt>On the wall</dt>
        <dd id="wall-clock">0:00</dd>
      </div>
    </dl>
  </header>`;
}

/** What is going on, and what to do about it. */
function drillColumns(): Markup {
  return html`<div id="drill" class="columns" hidden>
    <div>
      <div id="phases"></div>
      <section id="questions" aria-label="Questions"></section>
      <section aria-label="What users get"><div id="slis"></div></section>
      <section id="runbook" aria-label="Runbook"></section>
    </div>
    <aside>
      <section aria-label="Alerts">
        <h2>Alerts</h2>
        <div id="alerts"></div>
      </section>
      <section aria-label="Fleet">
        <h2>Fleet</h2>
        <div id="fleet"></div>
      </section>
      <section aria-label="Providers">
        <h2>Providers</h2>
        <div id="providers"></div>
      </section>
    </aside>
  </div>`;
}

/** What was said and done, and by whom. */
function journalColumns(isLead: boolean): Markup {
  return html`<div class="columns">
    <section aria-label="Journal">
      <h2>Journal</h2>
      ${noteForm()}
      <div id="journal" tabindex="0" aria-label="Journal, newest first"></div>
    </section>
    <aside>
      <section aria-label="People">
        <h2>People</h2>
        <div id="people"></div>
      </section>
      ${isLead ? endForm() : undefined}
    </aside>
  </div>`;
}

const seatWords: Readonly<Record<Seat, string>> = {
  "incident-lead": "the incident lead",
  responder: "a responder",
  observer: "an observer",
};

function joinForm(seat: Seat): Markup {
  return html`<section id="join" aria-label="Join">
    <h1>Game day</h1>
    <p class="lead">This address is for the seat of ${seatWords[seat]}.</p>
    <form class="stacked">
      <label>Your name, for the journal <input name="name" required maxlength="60" autocomplete="nickname" /></label>
      <button>Join</button>
    </form>
  </section>`;
}

function waiting(): Markup {
  return html`<p class="lead">Waiting for the incident lead to begin a drill.</p>`;
}

function beginForm(offers: readonly Offer[], scenarios: readonly string[], settled: ConsolePage["settled"]): Markup {
  const options = offers.map(({ id, title, about }) => html`<option value="${id}">${title} (${about})</option>`);
  return html`<form id="begin" class="stacked">
    <label
      >Runbook
      <select name="runbook">
        ${options}
      </select></label
    >
    ${scenarios.length === 0 ? undefined : scenarioField(scenarios)}
    ${settled === undefined ? worldFields() : html`<input type="hidden" name="world" value="${settled}" />`}
    ${settled === "live" ? undefined : paceField()}
    <button>Begin the drill</button>
    <p id="begin-problem" class="problem" role="alert"></p>
  </form>`;
}

function scenarioField(scenarios: readonly string[]): Markup {
  const options = scenarios.map((path) => html`<option>${path}</option>`);
  return html`<label
    >Scenario
    <select name="scenario">
      <option value="">the runbook's own</option>
      ${options}
    </select>
  </label>`;
}

function worldFields(): Markup {
  return html`<fieldset>
    <legend>Played</legend>
    <label><input type="radio" name="world" value="simulated" checked /> in virtual time</label>
    <label><input type="radio" name="world" value="live" /> live, with real processes on this machine</label>
    <label><input type="radio" name="world" value="tabletop" /> as a tabletop: nothing is done</label>
  </fieldset>`;
}

function paceField(): Markup {
  return html`<label
    >Between questions, virtual time goes
    <select name="pace">
      <option value="1">as fast as the clock</option>
      <option value="10" selected>ten times as fast</option>
      <option value="60">a minute a second</option>
      <option value="0">as fast as it can</option>
    </select>
  </label>`;
}

function againForm(): Markup {
  return html`<form id="again">
    <button class="quiet-button">Another drill</button>
    <p class="problem" role="alert"></p>
  </form>`;
}

function noteForm(): Markup {
  return html`<form id="note" class="inline">
    <label class="unseen" for="note-text">Note for the journal</label>
    <input
      id="note-text"
      name="text"
      required
      maxlength="4000"
      placeholder="A note for the journal"
      autocomplete="off"
    />
    <button>Add note</button>
    <p id="note-problem" class="problem" role="alert"></p>
  </form>`;
}

function endForm(): Markup {
  return html`<details id="end" hidden>
    <summary>End the drill</summary>
    <form class="stacked">
      <label>Why <input name="text" required maxlength="4000" autocomplete="off" /></label>
      <button class="danger">End it and take back what was done</button>
      <p class="problem" role="alert"></p>
    </form>
  </details>`;
}
