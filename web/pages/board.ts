/** The planning board in a browser: one candidate or two, a worker that simulates them, and what came of it. */
import type { Simulated } from "../board/candidate.ts";
import { comparisonView, reportView, type Side, sideNames } from "../board/views.ts";
import { BoardSide } from "./board-side.ts";
import { element, put, say } from "./page.ts";
import { WorkerClient } from "./worker-client.ts";

/** How long a text has to stay as it is before somebody looks for mistakes in it. */
const quietMs = 350;

/** Small texts are checked while a large one is simulated. */
const checker = new WorkerClient();
const simulator = new WorkerClient();
const results = new Map<Side, Simulated>();
const sides: readonly BoardSide[] = [side("a"), side("b")];
const [first, second] = sides;

for (const [id, act] of [
  ["simulate", () => void simulate()],
  ["compare", compare],
  ["stop", () => simulator.stop()],
] as const) {
  element(id).addEventListener("click", act);
}
first?.show(true);
const [offered] = document.querySelectorAll<HTMLSelectElement>("#side-a select");
if (offered !== undefined && offered.value !== "") void first?.pick(offered.value);

function side(name: Side): BoardSide {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let latest = 0;
  const made: BoardSide = new BoardSide(name, () => {
    if (results.has(name)) element("state").textContent = "Changed since it was simulated.";
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const mine = ++latest;
      void checker.ask("check", made.candidate()).then((answer) => {
        if (mine === latest) made.tell(answer?.kind === "refused" ? answer.refused : undefined);
      });
    }, quietMs);
  });
  return made;
}

function compare(): void {
  const isOn = second?.isShown() !== true;
  if (isOn && first !== undefined) second?.copy(first);
  second?.show(isOn);
  element("candidates").classList.toggle("two", isOn);
  const button = element("compare");
  button.setAttribute("aria-pressed", String(isOn));
  button.textContent = isOn ? "Only one candidate" : "Compare with a second candidate";
  if (!isOn) results.delete("b");
  showResults();
}

async function simulate(): Promise<void> {
  const button = element("simulate") as HTMLButtonElement;
  button.disabled = true;
  element("stop").hidden = false;
  for (const each of sides) {
    if (each.isShown() && (await simulateOne(each)) === "stopped") break;
  }
  button.disabled = false;
  element("stop").hidden = true;
}

async function simulateOne(each: BoardSide): Promise<"done" | "stopped"> {
  const state = element("state");
  state.textContent = `Simulating ${sideNames[each.side]} …`;
  const beganMs = performance.now();
  const answer = await simulator.ask("simulate", each.candidate());
  if (answer === undefined) {
    state.textContent = "Stopped.";
    return "stopped";
  }
  each.tell(answer.kind === "refused" ? answer.refused : undefined);
  if (answer.kind !== "simulated") {
    state.textContent = `${sideNames[each.side]} cannot be simulated.`;
    return "done";
  }
  results.set(each.side, answer.simulated);
  const seconds = ((performance.now() - beganMs) / 1_000).toFixed(1);
  state.textContent = `Simulated in ${seconds} s.`;
  say("told", `${sideNames[each.side]}: ${answer.simulated.verdict}`);
  showResults();
  return "done";
}

function showResults(): void {
  const [a, b] = [results.get("a"), results.get("b")];
  put(element("comparison"), a === undefined || b === undefined ? undefined : comparisonView(a, b));
  element("reports").classList.toggle("two", a !== undefined && b !== undefined);
  for (const { side: name } of sides) showReport(name, results.get(name));
}

function showReport(name: Side, simulated: Simulated | undefined): void {
  const place = element(`report-${name}`);
  place.hidden = simulated === undefined;
  if (simulated === undefined) return;
  const report = place.querySelector(".report");
  if (report !== null) put(report, reportView(name, simulated));
  offer(place.querySelector("a.as-page"), simulated.report, "text/html");
  offer(place.querySelector("a.as-json"), simulated.json, "application/json");
}

/** Makes a text the file behind a link. */
function offer(link: HTMLAnchorElement | null, text: string, type: string): void {
  if (link === null) return;
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([text], { type }));
}
