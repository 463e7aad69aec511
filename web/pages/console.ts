/**
 * The game-day console in a browser: what the server sends goes into the page, what a person does goes to the server.
 *
 * Every part of the page is replaced only when its markup has changed, and questions one by one, so that a half-written answer
 * and the focus stay where they are.
 */
import { applied, type Change, emptyGameDay, type GameDay, mayAnswer, type Person } from "../console/game-day.ts";
import { questionView, questionWords } from "../console/question-view.ts";
import { slisView } from "../console/sli-view.ts";
import {
  alertsView,
  fleetView,
  headView,
  journalView,
  peopleView,
  phasesView,
  providersView,
  runbookView,
  stageView,
} from "../console/views.ts";
import { formatClock } from "../../core/time.ts";
import type { Markup } from "../../reports/html/markup.ts";
import { carried, element, formOf, post, put, say } from "./page.ts";

const seat = carried("seat") as Person["seat"]; // written by our own server
let gameDay: GameDay = emptyGameDay;
let me: Person = { name: sessionStorage.getItem("squall-name") ?? "", seat };

const views: readonly (readonly [id: string, view: (day: GameDay, me: Person) => Markup | undefined])[] = [
  ["head", headView],
  ["stage", stageView],
  ["phases", phasesView],
  ["runbook", runbookView],
  ["slis", slisView],
  ["alerts", alertsView],
  ["fleet", fleetView],
  ["providers", providersView],
  ["people", peopleView],
  ["journal", journalView],
];

const tryingAgain = "The connection is lost; trying again.";
const refused =
  "The server does not take this page back: squall was started anew, or too many pages are open. Open the address that it printed last.";

listen();
if (me.name === "") element("join").querySelector("input")?.focus();
else join(me.name);

function join(name: string): void {
  me = { name, seat };
  sessionStorage.setItem("squall-name", name);
  element("join").hidden = true;
  element("console").hidden = false;
  const events = new EventSource(`/events?${new URLSearchParams({ key: carried("key"), name })}`);
  events.addEventListener("message", (event: MessageEvent<string>) => take(JSON.parse(event.data) as Change));
  events.addEventListener("open", () => (element("connection").hidden = true));
  events.addEventListener("error", () => {
    // A browser tries again by itself, except where the server has refused it.
    element("connection").textContent = events.readyState === EventSource.CLOSED ? refused : tryingAgain;
    element("connection").hidden = false;
  });
  setInterval(showClocks, 1_000);
}

function take(change: Change): void {
  const before = gameDay;
  gameDay = applied(gameDay, change);
  announce(before, change);
  schedule();
}

let isScheduled = false;

/** Many changes at once are one picture. */
function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    show();
  });
}

function show(): void {
  const { kind } = gameDay.stage;
  element("lobby").hidden = kind !== "lobby" && kind !== "failed";
  element("drill").hidden = kind !== "running" && kind !== "ended";
  element("results").hidden = kind !== "ended";
  for (const part of document.querySelectorAll<HTMLElement>("#end, #note")) part.hidden = kind !== "running";
  for (const [id, view] of views) put(element(id), view(gameDay, me));
  showQuestions();
  showClocks();
}

function showQuestions(): void {
  const place = element("questions");
  const wanted = new Map(gameDay.questions.map((question) => [question.id, question]));
  for (const card of place.querySelectorAll<HTMLElement>("[data-question]")) {
    if (!wanted.delete(card.dataset["question"] ?? "")) card.remove();
  }
  for (const question of wanted.values()) place.insertAdjacentHTML("beforeend", questionView(question, me).text);
  const waiting = gameDay.questions.filter((question) => mayAnswer(question, me) === undefined).length;
  document.title = `${waiting === 0 ? "" : `(${waiting}) `}Game day - Squall`;
}

function showClocks(): void {
  element("scenario-clock").textContent = formatClock(gameDay.nowMs);
  const { beganAt, stage } = gameDay;
  if (beganAt === undefined || stage.kind === "ended") return;
  element("wall-clock").textContent = formatClock(Math.max(0, Date.now() - Date.parse(beganAt)));
}

/** Words for those who do not see the page change. */
function announce(before: GameDay, change: Change): void {
  if (change.kind === "questions") {
    const known = new Set(before.questions.map(({ id }) => id));
    for (const question of change.questions) {
      if (!known.has(question.id)) say("called", `${questionWords(question)}: ${question.text}`);
    }
  }
  if (change.kind === "entry" && ["alert-fires", "phase-begins", "drill-ends"].includes(change.entry.kind)) {
    say("told", `${change.entry.kind.replaceAll("-", " ")}: ${change.entry.text}`);
  }
}

function listen(): void {
  formOf("#join form", async ({ name = "" }) => {
    join(name.trim());
    return undefined;
  });
  const name = (): string => me.name;
  formOf(
    "#begin",
    async (said) => await post({ act: "begin", name: name(), ...said, pace: Number(said["pace"] ?? 0) }),
  );
  formOf("#again", async () => await post({ act: "again", name: name() }));
  formOf("#note", async ({ text }) => await post({ act: "note", name: name(), text }));
  formOf("#end form", async ({ text }) => await post({ act: "end", name: name(), text }));
  formOf("#questions", async ({ yes, note = "", value }, form) => {
    const id = form.closest<HTMLElement>("[data-question]")?.dataset["question"];
    const isYes = yes === "yes";
    const isNumber = gameDay.questions.find((question) => question.id === id)?.wants === "number";
    return await post({
      act: "answer",
      name: name(),
      question: id,
      yes: isYes,
      ...(note.trim() === "" ? {} : { note }),
      ...(isYes && value !== undefined ? { value: isNumber ? Number(value) : value } : {}),
    });
  });
}
