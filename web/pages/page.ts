/** What the scripts of all pages do with the page itself. */
import type { Markup } from "../../reports/html/markup.ts";

/** An element that the server put there. */
export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** What the server gave the page to keep. */
export function carried(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="squall-${name}"]`)?.content ?? "";
}

const shown = new WeakMap<Element, string>();

/** Puts markup into its place, unless it is there already. Only `html` and our own server make markup. */
export function put(place: Element, markup: Markup | undefined): void {
  const text = markup?.text ?? "";
  if (shown.get(place) === text) return;
  shown.set(place, text);
  place.innerHTML = text;
}

/** Tells those who hear the page rather than see it. */
export function say(id: "told" | "called", text: string): void {
  element(id).textContent = text;
}

/** Does something; resolves with why it could not be done, or nothing. */
export async function post(body: object): Promise<string | undefined> {
  const headers = { "content-type": "application/json", "x-squall-key": carried("key") };
  const response = await fetch("/act", { method: "POST", headers, body: JSON.stringify(body) }).catch(() => undefined);
  if (response === undefined) return "The server does not answer.";
  if (response.ok) return undefined;
  const said: unknown = await response.json().catch(() => undefined);
  return typeof said === "object" && said !== null && "problem" in said ? String(said.problem) : response.statusText;
}

/** What a form says, by the names of its fields; no file is among them. */
export type Said = Readonly<Record<string, string>>;

type Submitted = (said: Said, form: HTMLFormElement) => Promise<string | undefined>;

/**
 * Takes what forms send, that of the place itself or those within it, one press at a time. What comes back is shown where the form has
 * room for a problem; when nothing comes back the form is emptied.
 */
export function formOf(selector: string, submitted: Submitted): void {
  document.querySelector(selector)?.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !(event instanceof SubmitEvent) || form.dataset["busy"] !== undefined)
      return;
    form.dataset["busy"] = "";
    void submitted(saidIn(new FormData(form, event.submitter)), form)
      .then((problem) => {
        const room = form.querySelector(".problem");
        if (room !== null) room.textContent = problem ?? "";
        if (problem === undefined) form.reset();
      })
      .finally(() => delete form.dataset["busy"]);
  });
}

function saidIn(data: FormData): Said {
  return Object.fromEntries([...data].flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])));
}
