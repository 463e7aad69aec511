/** The planning board before its script has run. */
import { html, type Markup } from "../../reports/html/markup.ts";
import { pageShell } from "../shell.ts";
import { type Side, sideNames } from "./views.ts";

export interface BoardPage {
  readonly key: string;
  readonly squallVersion: string;
  /** Where the scenarios lie, as a command line here would name it. */
  readonly folder: string;
  /** Paths of the scenarios that the server offers, within that folder. */
  readonly scenarios: readonly string[];
}

export function boardPage({ key, squallVersion, folder, scenarios }: BoardPage): string {
  const body = [
    html`<header>
      <h1>Planning board</h1>
      <p class="subtitle">
        The simulator runs in this page. Same text, same seed: the same numbers as on the command line, to the last
        digit.
      </p>
    </header>`,
    html`<p id="acts">
      <button id="simulate" type="button">Simulate</button>
      <button id="compare" type="button" class="quiet-button" aria-pressed="false">
        Compare with a second candidate
      </button>
      <button id="stop" type="button" class="quiet-button" hidden>Stop</button>
      <span id="state" class="quiet" role="status"></span>
    </p>`,
    html`<div id="candidates">${sideCard("a", scenarios)} ${sideCard("b", scenarios)}</div>`,
    html`<section id="comparison" aria-label="Side by side"></section>`,
    html`<div id="reports">${reportPlace("a")} ${reportPlace("b")}</div>`,
  ];
  return pageShell({
    page: "board",
    title: "Planning board",
    key,
    hasBoard: true,
    data: { key, version: squallVersion, folder },
    body,
  });
}

function sideCard(side: Side, scenarios: readonly string[]): Markup {
  const options = scenarios.map((path) => html`<option>${path}</option>`);
  return html`<section id="side-${side}" class="side" aria-label="${sideNames[side]}" hidden>
    <div class="turn">
      <h2>${sideNames[side]}</h2>
      <div class="pick">
        <label
          >Scenario
          <select name="scenario">
            ${options}
          </select></label
        >
        <label>Seed <input name="seed" inputmode="numeric" size="6" placeholder="its own" autocomplete="off" /></label>
      </div>
      <div class="knobs"></div>
    </div>
    <div class="texts">
      ${textPlace(side, "scenario", "Scenario")} ${textPlace(side, "scaling", "Scaling config")}
      <div class="problems-place" role="status"></div>
      <p class="copy">
        <button type="button" class="quiet-button" data-copy="scenario">Copy scenario</button>
        <button type="button" class="quiet-button" data-copy="scaling">Copy scaling config</button>
        <button type="button" class="quiet-button" data-copy="command">Copy command</button>
      </p>
      <p class="quiet">
        <code class="command"></code>
        <span class="save" hidden>Copy what was changed to files of these names first.</span>
      </p>
    </div>
  </section>`;
}

function textPlace(side: Side, name: "scenario" | "scaling", words: string): Markup {
  return html`<details class="text" data-text="${name}" open>
    <summary><label for="${side}-${name}-text">${words}</label></summary>
    <textarea
      id="${side}-${name}-text"
      name="${name}-text"
      rows="${name === "scenario" ? 18 : 9}"
      spellcheck="false"
      autocapitalize="off"
      autocomplete="off"
      wrap="off"
    ></textarea>
  </details>`;
}

function reportPlace(side: Side): Markup {
  return html`<article id="report-${side}" aria-label="${sideNames[side]}, simulated" hidden>
    <p class="links">
      <strong>${sideNames[side]}</strong>
      <a class="as-page" download="report.html">Report</a>
      <a class="as-json" download="result.json">Result as JSON</a>
    </p>
    <div class="report"></div>
  </article>`;
}
