/** One candidate on the board: its texts, its knobs, and what is wrong with it. */
import { field } from "../../core/raw-data.ts";
import { readYaml } from "../../core/scenario/yaml-document.ts";
import type { Candidate, Refused } from "../board/candidate.ts";
import { commandOf, type Written } from "../board/command.ts";
import { type Knob, knobsOf, turned } from "../board/knobs.ts";
import { pathBeside } from "../board/paths.ts";
import { knobsView, knobValue, problemsView, type Side } from "../board/views.ts";
import { carried, element, put, say } from "./page.ts";

export class BoardSide {
  readonly side: Side;
  readonly #place: HTMLElement;
  readonly #changed: () => void;
  /** As the server has it. */
  #written: Written = { scenarioText: "", scalingText: undefined };
  /** As it was when somebody last wrote in it: what knobs turn. */
  #base: Written = this.#written;
  #scalingFile = "scaling.yaml";
  #knobs: readonly Knob[] = [];
  readonly #turnedTo = new Map<string, number>();

  /** `changed` is called whenever a text is another than before. */
  constructor(side: Side, changed: () => void) {
    this.side = side;
    this.#place = element(`side-${side}`);
    this.#changed = changed;
    this.#place.addEventListener("input", (event) => this.#onInput(event.target));
    this.#place.addEventListener("change", (event) => {
      if (event.target === this.#picker()) void this.pick(this.#picker().value);
    });
    this.#place.addEventListener("click", (event) => this.#onClick(event.target));
  }

  show(isShown: boolean): void {
    this.#place.hidden = !isShown;
  }

  isShown(): boolean {
    return !this.#place.hidden;
  }

  /** Takes a scenario of the server, with the scaling config that it names. */
  async pick(name: string): Promise<void> {
    this.#picker().value = name;
    const scenarioText = await fileText(name);
    const scaling = scenarioText === undefined ? undefined : scalingNamed(scenarioText);
    const scalingText = scaling === undefined ? undefined : await fileText(pathBeside(name, scaling));
    if (this.#picker().value !== name) return; // another one was picked meanwhile
    if (scenarioText === undefined) return this.tell(notGiven(name));
    this.#scalingFile = scaling?.split("/").at(-1) ?? "scaling.yaml";
    this.#written = { scenarioText, scalingText };
    this.#take(this.#written);
  }

  /** Begins as the other side is at this moment. */
  copy(other: BoardSide): void {
    this.#written = other.#written;
    this.#scalingFile = other.#scalingFile;
    this.#picker().value = other.#picker().value;
    this.#input("seed").value = other.#input("seed").value;
    this.#take({ scenarioText: other.#text("scenario").value, scalingText: other.#scalingText() });
  }

  candidate(): Candidate {
    const scalingText = this.#scalingText();
    const seed = this.#input("seed").value.trim();
    return {
      name: this.#picker().value,
      scenarioText: this.#text("scenario").value,
      scaling: scalingText === undefined ? undefined : { file: this.#scalingFile, text: scalingText },
      seed: /^\d{1,9}$/.test(seed) ? Number(seed) : undefined,
    };
  }

  /** Says what is wrong; undefined: nothing is. */
  tell(refused: Refused | undefined): void {
    put(this.#find(".problems-place"), refused === undefined ? undefined : problemsView(refused));
  }

  #take(texts: Written): void {
    this.#base = texts;
    this.#text("scenario").value = texts.scenarioText;
    this.#text("scaling").value = texts.scalingText ?? "";
    this.#find("[data-text=scaling]").toggleAttribute("open", texts.scalingText !== undefined);
    this.#showKnobs();
    this.#tellChanged();
  }

  #showKnobs(): void {
    this.#turnedTo.clear();
    this.#knobs = knobsOf(this.#base.scenarioText, this.#base.scalingText);
    put(this.#find(".knobs"), knobsView(this.side, this.#knobs));
  }

  #onInput(target: EventTarget | null): void {
    if (target instanceof HTMLTextAreaElement) {
      this.#base = { scenarioText: this.#text("scenario").value, scalingText: this.#scalingText() };
      this.#showKnobs();
      this.#tellChanged();
    } else if (target instanceof HTMLInputElement && target.dataset["knob"] !== undefined) {
      this.#turn(target, target.dataset["knob"]);
    } else if (target instanceof HTMLInputElement) this.#tellChanged();
  }

  #turn(slider: HTMLInputElement, id: string): void {
    const knob = this.#knobs.find((each) => each.id === id);
    if (knob === undefined) return;
    this.#turnedTo.set(id, slider.valueAsNumber);
    const output = slider.parentElement?.querySelector("output");
    if (output) output.textContent = knobValue(slider.valueAsNumber, knob.shown);
    const { scenarioText, scalingText } = this.#base;
    this.#text("scenario").value = turned(scenarioText, "scenario", this.#knobs, this.#turnedTo);
    if (scalingText !== undefined) {
      this.#text("scaling").value = turned(scalingText, "scaling", this.#knobs, this.#turnedTo);
    }
    this.#tellChanged();
  }

  #onClick(target: EventTarget | null): void {
    if (!(target instanceof HTMLElement)) return;
    const { copy, line } = target.dataset;
    if (line !== undefined) this.#goTo(Number(line));
    if (copy === undefined) return;
    const texts: Readonly<Record<string, string>> = {
      scenario: this.#text("scenario").value,
      scaling: this.#text("scaling").value,
      command: this.#command(),
    };
    void navigator.clipboard.writeText(texts[copy] ?? "").then(
      () => say("told", "Copied."),
      () => say("told", "This browser does not let the page copy."),
    );
  }

  /** Puts the cursor on a line of the scenario. */
  #goTo(line: number): void {
    const area = this.#text("scenario");
    const lines = area.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    area.focus();
    area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    area.scrollTop = ((line - 4) / lines.length) * area.scrollHeight;
  }

  #tellChanged(): void {
    const { scenarioText, scalingText } = this.#written;
    const isAsWritten = this.#text("scenario").value === scenarioText && this.#scalingText() === scalingText;
    this.#find(".save").hidden = isAsWritten;
    this.#find(".command").textContent = this.#command();
    this.#changed();
  }

  #command(): string {
    return commandOf(this.side, carried("folder"), this.candidate(), this.#written);
  }

  /** An empty text is none. */
  #scalingText(): string | undefined {
    const { value } = this.#text("scaling");
    return value.trim() === "" ? undefined : value;
  }

  #find(selector: string): HTMLElement {
    const found = this.#place.querySelector<HTMLElement>(selector);
    if (found === null) throw new Error(`the board has no ${selector}`);
    return found;
  }

  #picker(): HTMLSelectElement {
    return this.#find("select") as HTMLSelectElement;
  }

  #input(name: string): HTMLInputElement {
    return this.#find(`input[name="${name}"]`) as HTMLInputElement;
  }

  #text(name: "scenario" | "scaling"): HTMLTextAreaElement {
    return this.#find(`textarea[name="${name}-text"]`) as HTMLTextAreaElement;
  }
}

/** Undefined where the server does not give it, or does not answer. */
async function fileText(path: string): Promise<string | undefined> {
  const asked = fetch(`/file?${new URLSearchParams({ path })}`, { headers: { "x-squall-key": carried("key") } });
  const response = await asked.catch(() => undefined);
  return response?.ok === true ? await response.text() : undefined;
}

function notGiven(name: string): Refused {
  return { message: `the server does not give ${name}`, problems: [], hint: "is squall serve still running?" };
}

/** The file of the scaling config that a scenario names; undefined where it names none, or cannot be read. */
function scalingNamed(scenarioText: string): string | undefined {
  try {
    const named = field(field(readYaml(scenarioText, "").data, "platform"), "scaling");
    return typeof named === "string" ? named : undefined;
  } catch {
    return undefined;
  }
}
