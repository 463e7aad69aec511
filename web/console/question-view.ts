/** A question that waits for somebody, as a card: for those who may answer a form, for all others the name of whom it waits for. */
import { html, type Markup } from "../../reports/html/markup.ts";
import { mayAnswer, type OpenQuestion, type Person } from "./game-day.ts";

const verbs: Readonly<Record<OpenQuestion["kind"], string>> = {
  acknowledge: "Page",
  approve: "Approve",
  manual: "Do",
  decide: "Decide",
  command: "Run",
};

/** `Approve, for the incident lead`. */
export function questionWords({ kind, role }: OpenQuestion): string {
  return `${verbs[kind]}, for the ${role.replaceAll("-", " ")}`;
}

export function questionView(question: OpenQuestion, me: Person): Markup {
  const { id, text, step } = question;
  const why = mayAnswer(question, me);
  return html`<article
    class="question${why === undefined ? " mine" : ""}"
    data-question="${id}"
    aria-label="${questionWords(question)}"
  >
    <p class="kind">${questionWords(question)} <span class="quiet">${step}</span></p>
    <p class="text">${text}</p>
    ${why === undefined ? answerForm(question) : html`<p class="quiet">${why}</p>`}
  </article>`;
}

function answerForm({ choices, wants }: OpenQuestion): Markup {
  return html`<form>
    ${wants === "nothing" ? undefined : attested(wants)}
    <label class="note">Note <input name="note" maxlength="4000" autocomplete="off" placeholder="optional" /></label>
    <p class="buttons">
      <button name="yes" value="yes">${choices.yes}</button>
      <button name="yes" value="no" class="quiet-button" formnovalidate>${choices.no}</button>
    </p>
    <p class="problem" role="alert"></p>
  </form>`;
}

function attested(wants: "text" | "number"): Markup {
  return wants === "number"
    ? html`<label>Number <input name="value" type="number" step="any" required /></label>`
    : html`<label>Say what <input name="value" required maxlength="4000" autocomplete="off" /></label>`;
}
