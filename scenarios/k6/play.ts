/**
 * Plays a phase of a plan: what every program of Squall for k6 is made of.
 *
 * An open phase is a pool of users that take rows in order, wait for the instant of each, and send it then, whatever came of
 * the rows before. In a closed phase each user plays a script: question, answer, pause. Rows and users are dealt out by
 * `exec.scenario.iterationInTest`, which counts across all instances of k6, so that execution segments play each once.
 */
import { SharedArray } from "k6/data";
import exec from "k6/execution";
import http from "k6/http";
import type { Options } from "k6/options";
import { k6LeadMs, type K6Phase, type K6Plan, type K6Request, type K6User } from "../../core/k6-plan.ts";
import { say } from "./measures.ts";
import { nowMs, playRequest, type Stage, waitUntil } from "./request.ts";

/** What a program exports, so that `k6 run` plays it. */
export interface Program {
  readonly options: Options;
  /** Runs once per instance, when its users are ready: says when the phase starts. */
  readonly setup: () => Start;
  readonly play: (start: Start) => void;
  readonly teardown: () => void;
}

/** Start of the phase on this instance's clock, wall milliseconds since k6 began. */
interface Start {
  readonly zeroMs: number;
}

/** k6 ends a scenario after this long; a phase ends by itself before that. */
const phaseMax = "24h";

/** `rowsOf` reads the file of a phase. Phase `load` is played unless `SQUALL_PHASE` names another one of the plan. */
export function programOf(plan: K6Plan, rowsOf: (phase: string) => string): Program {
  const name = __ENV["SQUALL_PHASE"] ?? "load";
  const phase = plan.phases.find((each) => each.name === name);
  if (phase === undefined) {
    const known = plan.phases.map((each) => each.name).join(", ");
    throw new Error(`the plan of ${plan.scenario} has no phase "${name}"; it has ${known}`);
  }
  // Lines are kept as they are, and read when their turn comes: reading them all would take seconds in a large plan.
  const rows = new SharedArray(`${name} of ${plan.scenario}`, () => rowsOf(name).trimEnd().split("\n"));
  return {
    options: optionsFor(plan, phase),
    setup: () => {
      const gate = __ENV["SQUALL_GATE"];
      if (gate !== undefined) http.get(gate, { timeout: phaseMax, tags: { name: "gate" } });
      return { zeroMs: exec.instance.currentTestRunDuration + k6LeadMs };
    },
    play: ({ zeroMs }) => {
      const stage: Stage = { plan, phase: phase.name, zeroMs };
      const index = exec.scenario.iterationInTest;
      if (phase.kind === "open") playRow(stage, lineOf(rows, index));
      else playUser(stage, index, rows, phase.durationMs ?? Number.POSITIVE_INFINITY);
    },
    teardown: () => say({ kind: "over", phase: phase.name }),
  };
}

function optionsFor(plan: K6Plan, phase: K6Phase): Options {
  const ends = { maxDuration: phaseMax, gracefulStop: "0s" };
  return {
    scenarios: {
      [phase.name]:
        phase.kind === "open"
          ? { executor: "shared-iterations", vus: phase.vus, iterations: phase.rows, ...ends }
          : { executor: "per-vu-iterations", vus: phase.vus, iterations: 1, ...ends },
    },
    thresholds: phase.name === "load" ? Object.fromEntries(thresholdsOf(plan)) : {},
    noCookiesReset: true,
    setupTimeout: phaseMax,
    systemTags: ["scenario", "name", "status", "error_code", "expected_response"],
  };
}

function thresholdsOf({ thresholds }: K6Plan): [string, string[]][] {
  return Object.entries(thresholds).map(([metric, conditions]) => [metric, [...conditions]]);
}

/** What a line of the phase's file says. */
function lineOf<Line>(rows: readonly string[], index: number): Line {
  const line: Line = JSON.parse(rows[index] ?? "null");
  return line;
}

function playRow(stage: Stage, request: K6Request): void {
  waitUntil(stage, request.atMs);
  playRequest(stage, request, request.atMs);
}

/** A request is due when its user would have sent it: `startMs` for the first, end of the answer plus the pause for all others. */
function playUser(stage: Stage, user: number, rows: readonly string[], lastMs: number): void {
  const { startMs, from, to, whole }: K6User = lineOf(rows, user);
  let dueMs = startMs;
  for (let at = from; at < to; at++) {
    const request: K6Request = lineOf(rows, at);
    if (at > from) dueMs += request.thinkMs;
    if (dueMs > lastMs) return;
    waitUntil(stage, dueMs);
    dueMs = playRequest(stage, request, dueMs);
  }
  if (!whole && nowMs(stage) < lastMs) say({ kind: "script-cut", user });
}
