/**
 * Executes a runbook against a world, and leaves a journal.
 *
 *     phases ─▶ steps ─▶ world (look, act)       watch: alerts, users, limits, all the time
 *        │                 │                        │
 *        └── branches      └─▶ done ─▶ undo ◀───────┴── a failed step, a broken limit, an interruption, the end of a drill
 *
 * A step is verified before the next one begins. After a crash the same runbook is executed again with the journal's entries:
 * steps that were verified, or that failed and were left at that, are not repeated, decisions stay as they were made, what was
 * begun is not done a second time (`acting.ts`, `running.ts`), and a drill that was ending ends.
 */
import type { Allowed } from "./commands.ts";
import { hiddenFrom } from "./hidden.ts";
import { drillHash, type Journal, type JournalEntry } from "./journal.ts";
import { Outputs } from "./outputs.ts";
import { People } from "./people.ts";
import { Performance } from "./performance.ts";
import type { Responder } from "./responder.ts";
import type { Limits, Runbook } from "./runbook.ts";
import { withSnapshots } from "./snapshot.ts";
import { StepFailed, saidBy } from "./step-failed.ts";
import { type Done, inForce, undoAll } from "./undo.ts";
import { DrillStopped, Watch } from "./watch.ts";
import type { World } from "./world.ts";

export interface DrillOptions {
  readonly runbook: Runbook;
  readonly world: World;
  readonly responder: Responder;
  readonly journal: Journal;
  /** `tabletop`: nothing is done, everything is talked through. */
  readonly mode: "drill" | "tabletop";
  /** Commands outside of Squall that the person allowed. */
  readonly allowed: Allowed;
  readonly signal: AbortSignal;
}

export interface DrillResult {
  readonly status: "completed" | "failed" | "aborted" | "interrupted";
  /** Why it did not complete; empty when it did. */
  readonly why: string;
  /** What could not be taken back, in words. */
  readonly notRestored: readonly string[];
}

/** Executes it to its end, whatever the end is; the world is restored as far as it can be. */
export async function executeRunbook(given: DrillOptions): Promise<DrillResult> {
  const { world } = given;
  const journal = withSnapshots(given.journal, world);
  const options = { ...given, journal };
  const done: Done[] = [...inForce(journal.entries())];
  const end = await respond(options, done);
  if (end.status === "interrupted" && !end.isKnown)
    await journal.write({ kind: "interrupted", who: "squall", text: end.why });
  const notRestored = await undoAll(done, world, journal);
  await journal.write({
    kind: "drill-ends",
    who: "squall",
    text: end.why === "" ? end.status : `${end.status}: ${end.why}`,
    data: { status: end.status, account: await world.account(), notRestored },
  });
  if ("bug" in end) throw end.bug;
  return { status: end.status, why: end.why, notRestored };
}

interface End extends Pick<DrillResult, "status" | "why"> {
  /** It is in the journal already. */
  readonly isKnown?: boolean;
  readonly bug?: unknown;
}

/** Everything up to the end; what was done and not taken back is put into `done`. */
async function respond(options: DrillOptions, done: Done[]): Promise<End> {
  const { journal, signal } = options;
  const earlier = [...journal.entries()];
  const ended = new AbortController();
  const over = AbortSignal.any([signal, ended.signal]);
  try {
    await begin(options, earlier);
    const known = endBefore(earlier);
    if (known !== undefined) return known;
    await perform(options, { done, earlier, ended, over });
    return { status: "completed", why: "" };
  } catch (cause) {
    return endOf(cause, over);
  } finally {
    ended.abort(new DrillStopped("interrupted", "the drill is over"));
  }
}

interface Course {
  readonly done: Done[];
  /** Entries that were there before; none of a drill that is new. */
  readonly earlier: readonly JournalEntry[];
  /** Aborted by the incident lead, and when the drill is over. */
  readonly ended: AbortController;
  /** That, or an interruption. */
  readonly over: AbortSignal;
}

/** Nothing is done at a tabletop, so there is nothing to put an end to. */
const noLimits: Limits = { timeMs: undefined, cost: undefined, errors: undefined, stopWhen: [] };

async function perform(options: DrillOptions, { done, earlier, ended, over }: Course): Promise<void> {
  const { runbook, world, responder, journal, mode, allowed } = options;
  const watch = new Watch(world, journal, mode === "tabletop" ? noLimits : runbook.limits, over);
  await watch.begin(journal.entries());
  const { nowMs } = world;
  const pass = (ms: number): Promise<void> => watch.passTo(nowMs() + ms);
  const end = (why: string): void => ended.abort(new DrillStopped("interrupted", why));
  const people = new People({ responder, journal, pass, signal: over, end }, earlier);
  const key = `${runbook.id}/${drillHash(journal.entries())}`;
  const outputs = new Outputs(earlier);
  const stage = { world, journal, watch, people, outputs, mode, signal: over, allowed, key, done };
  await new Performance(stage, runbook.phases, earlier).play();
}

/** Head of the journal, and what is broken; after a crash, whatever of it was not written yet. */
async function begin(options: DrillOptions, earlier: readonly JournalEntry[]): Promise<void> {
  const { runbook, world, journal, mode } = options;
  const [first] = earlier;
  if (first === undefined) {
    const { id, version, severity, owner, targets, limits, title } = runbook;
    const text = `${title} (${id}, version ${version}, ${severity})`;
    const alerts = world.alertNames;
    const data = { id, version, severity, owner, targets, limits, mode, alerts, account: await world.account() };
    await journal.write({ kind: "drill-begins", who: "squall", text, data });
  } else {
    await journal.write({ kind: "resumed", who: "squall", text: `from entry ${earlier.length}` });
  }
  if (runbook.drill === undefined) return;
  const { faults, events, said } = hiddenFrom(runbook.drill, first?.atMs ?? world.nowMs());
  // A world that is put together again after a crash has them already.
  if (first === undefined) await world.plan(faults, events);
  for (const each of said.slice(earlier.filter(({ kind }) => kind === "fault-planned").length)) {
    const text = `${each.what} (hidden until the review)`;
    await journal.write({ kind: "fault-planned", who: "squall", text, data: { ...each } });
  }
}

/** How a drill was ending when it was killed amid taking back what it did; undefined: it was not. */
function endBefore(entries: readonly JournalEntry[]): End | undefined {
  for (const { kind, text, data = {} } of entries) {
    if (kind === "limit-broken") return { status: "aborted", why: text, isKnown: true };
    if (kind === "interrupted") return { status: "interrupted", why: text, isKnown: true };
    if (kind === "step-fails" && data["next"] === "stop") return { status: "failed", why: text, isKnown: true };
  }
  return undefined;
}

function endOf(cause: unknown, signal: AbortSignal): End {
  if (cause instanceof DrillStopped) return { status: cause.status, why: cause.message };
  // A question that was open when the drill was stopped ends with the signal's reason.
  if (signal.aborted && cause === signal.reason) return { status: "interrupted", why: "interrupted" };
  if (cause instanceof StepFailed) return { status: "failed", why: cause.message };
  // Ours, or the world's: what was done is still taken back before it is told.
  return { status: "failed", why: saidBy(cause), bug: cause };
}
