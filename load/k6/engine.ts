/**
 * The k6 load engine: plays a workload with the real k6, one process per phase.
 *
 *     workload ─▶ plan on disk ─▶ k6 waits at the gate ─▶ phase begins ─▶ lines on its output ─▶ RequestRecords
 *
 * k6 hands an answer over when it is whole. So the time of its first byte stands for the first token (it is never later), and
 * the gaps within a stream stay unknown; everything else is what Squall's own engine would have recorded. Ending this run
 * ends k6; what k6 had in flight then is recorded as `unfinished`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { peopleOf, type WorkloadPhase } from "../../behavior/workload.ts";
import { type K6Line, k6LeadMs, type K6Phase, type K6Record } from "../../core/k6-plan.ts";
import type { PhaseSpan } from "../../core/run.ts";
import { formatDuration, type Ms, secondMs } from "../../core/time.ts";
import type { LoadEngine, LoadOptions, LoadProgress, LoadResult } from "../engine.ts";
import { plannedRequests } from "../native/phase-size.ts";
import { type Gate, startGate } from "./gate.ts";
import { K6Meter } from "./health.ts";
import { readLine, recordOf, splitLines } from "./lines.ts";
import { type WrittenPlan, writePlan } from "./plan.ts";
import { writePlanFolder } from "./plan-folder.ts";
import { endInWords, type ProgramEnd, type RunningProgram, type StartProgram } from "./program.ts";

export interface K6EngineParts {
  /** The program of k6. */
  readonly binary: string;
  /** The general program, `scenarios/k6/squall.ts`. */
  readonly program: string;
  readonly start: StartProgram;
  /** Processor time used so far by a process; undefined where this system does not tell. */
  readonly cpuSeconds: (pid: number) => Promise<number | undefined>;
}

/** How long k6 may take to be ready for a phase, wall time. */
const readyMs: Ms = 60 * secondMs;
/** How long it may take to end when asked to, wall time. */
const stopDeadlineMs: Ms = 3 * secondMs;
/** Virtual users in an open phase at most: each is a JavaScript engine of its own, of some megabytes. */
const vusMax = 1_000;
const progressEveryMs: Ms = 200;
/** Last lines of k6's output that a message quotes. */
const outputLines = 5;

/** Plays the workload with k6. Rejects with what a callback, the target or the workload throws, and nothing else. */
export function k6Engine(parts: K6EngineParts): LoadEngine {
  return async (options) => {
    const written = writePlan({
      scenario: "squall",
      workload: options.workload,
      objectives: [],
      call: options.target.call,
      timeScale: options.timeScale,
      vusMax: Math.min(vusMax, options.limits.maxInFlight, options.limits.maxConnections),
    });
    const folder = await mkdtemp(path.join(tmpdir(), "squall-k6-"));
    const gate = await startGate();
    try {
      await writePlanFolder(written, folder);
      return await new K6Run(parts, options, { written, folder, gate }).play();
    } finally {
      await gate.close();
      await rm(folder, { recursive: true, force: true });
    }
  };
}

interface Staged {
  readonly written: WrittenPlan;
  readonly folder: string;
  readonly gate: Gate;
}

/** The phase being played; times on the wall. */
interface PhaseInPlay {
  readonly phase: WorkloadPhase;
  readonly plan: K6Phase;
  readonly planned: number | undefined;
  startMs: Ms;
  endMs: Ms | undefined;
  finished: number;
  failed: number;
  over: boolean;
  readonly inFlight: Map<string, K6Record>;
}

class K6Run {
  readonly #parts: K6EngineParts;
  readonly #options: LoadOptions;
  readonly #staged: Staged;
  readonly #meter: K6Meter;
  readonly #phases: PhaseInPlay[] = [];
  /** Why k6 could not go on, in words. */
  #failure: string | undefined;
  /** What somebody else's code threw. */
  #thrown: { readonly cause: unknown } | undefined;
  /** Aborted when the run ends early, for whatever reason. */
  readonly #end = new AbortController();

  constructor(parts: K6EngineParts, options: LoadOptions, staged: Staged) {
    this.#parts = parts;
    this.#options = options;
    this.#staged = staged;
    this.#meter = new K6Meter(options.timeScale);
  }

  async play(): Promise<LoadResult> {
    const { signal, workload } = this.#options;
    const interrupt = (): void => this.#end.abort();
    signal.addEventListener("abort", interrupt, { once: true });
    if (signal.aborted) interrupt();
    try {
      for (const [index, phase] of workload.phases.entries()) {
        const plan = this.#staged.written.plan.phases[index];
        if (this.#end.signal.aborted || plan === undefined) break;
        await this.#playPhase(phase, plan);
      }
    } finally {
      signal.removeEventListener("abort", interrupt);
    }
    if (this.#thrown !== undefined) throw this.#thrown.cause;
    // A phase begins some time after k6 has started: one that ended meanwhile has played it for no time, and not for less.
    const endMs = Math.max(performance.now(), ...this.#phases.map(({ startMs }) => startMs));
    const begun = this.#phases.filter(({ startMs }) => startMs > 0);
    return {
      status: this.#end.signal.aborted ? "interrupted" : "complete",
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
      phases: begun.map((played) => this.#span(played, endMs)),
      generator: this.#meter.health(availableParallelism()),
      durationMs: begun.length === 0 ? 0 : this.#scenarioMs(endMs),
    };
  }

  async #playPhase(phase: WorkloadPhase, plan: K6Phase): Promise<void> {
    const played: PhaseInPlay = {
      phase,
      plan,
      planned: plannedRequests(phase),
      startMs: 0,
      endMs: undefined,
      finished: 0,
      failed: 0,
      over: false,
      inFlight: new Map(),
    };
    this.#phases.push(played);
    if (plan.rows > 0) await this.#playWithK6(played);
    else await this.#begin(played, 0);
    const { durationMs } = plan;
    if (plan.kind === "open" && durationMs !== null && played.startMs > 0) {
      await this.#waitUntil(played.startMs + durationMs / this.#options.timeScale);
    }
    played.endMs = performance.now();
    if (played.startMs > 0) this.#options.onProgress(this.#progress(played));
  }

  async #playWithK6(played: PhaseInPlay): Promise<void> {
    const k6 = await this.#start(played);
    const stop = (): void => void k6.stop(stopDeadlineMs);
    this.#end.signal.addEventListener("abort", stop, { once: true });
    if (this.#end.signal.aborted) stop();
    let cpuSeconds = 0;
    const watch = setInterval(() => {
      if (played.startMs > 0) this.#guard(() => this.#options.onProgress(this.#progress(played)));
      void this.#parts.cpuSeconds(k6.pid).then((seconds) => (cpuSeconds = seconds ?? cpuSeconds));
    }, progressEveryMs);
    try {
      if (await this.#ready(played, k6)) {
        await this.#begin(played, k6LeadMs);
        this.#staged.gate.open();
      }
      this.#judgeEnd(played, await k6.ended, k6);
    } finally {
      clearInterval(watch);
      this.#end.signal.removeEventListener("abort", stop);
      await k6.stop(0);
    }
    if (played.startMs === 0) return;
    if (played.phase.name !== "warmup") this.#meter.used(cpuSeconds, performance.now() - played.startMs);
    for (const begun of played.inFlight.values()) this.#unfinished(played, begun);
  }

  async #start(played: PhaseInPlay): Promise<RunningProgram> {
    const lines = splitLines((text) => {
      const line = readLine(text);
      if (line === "damaged") this.#fail(`k6 said what cannot be read: ${text.slice(0, 200)}`);
      else if (line !== undefined) this.#heard(played, line);
    });
    return await this.#parts.start({
      name: "k6",
      command: this.#parts.binary,
      args: [...k6Arguments, this.#parts.program],
      env: {
        ...process.env,
        SQUALL_PLAN: this.#staged.folder,
        SQUALL_PHASE: played.plan.name,
        SQUALL_LINES: "on",
        SQUALL_GATE: this.#staged.gate.url,
        SQUALL_TARGET: "", // the plan says where requests go
      },
      onOutput: (bytes) => this.#guard(() => lines(bytes)),
    });
  }

  /** Whether k6 waits at the gate; false when it ended before, or took too long, or is not wanted any more. */
  async #ready(played: PhaseInPlay, k6: RunningProgram): Promise<boolean> {
    const impatience = new AbortController();
    const state = await Promise.race([
      this.#staged.gate.knocked().then(() => "ready" as const),
      k6.ended.then(() => "ended" as const),
      sleep(readyMs, "late" as const, { signal: impatience.signal }).catch(() => "late" as const),
    ]);
    impatience.abort();
    if (state === "late")
      this.#fail(`k6 was not ready for phase ${played.plan.name} within ${formatDuration(readyMs)}`);
    return state === "ready" && !this.#end.signal.aborted;
  }

  /** The phase begins that long from now. */
  async #begin(played: PhaseInPlay, leadMs: Ms): Promise<void> {
    try {
      await this.#options.onPhase?.(played.phase);
    } catch (cause) {
      this.#throw(cause);
    }
    played.startMs = performance.now() + leadMs;
  }

  #judgeEnd(played: PhaseInPlay, end: ProgramEnd, k6: RunningProgram): void {
    if (end.stopped || this.#end.signal.aborted) return;
    if (end.code === 0 && played.over) return;
    const said = k6.lastLines(outputLines);
    const what = end.code === 0 ? "ended before the phase was over" : `ended with ${endInWords(end)}`;
    this.#fail(`k6 ${what} in phase ${played.plan.name}${said === "" ? "" : `; it said:\n${said}`}`);
  }

  #heard(played: PhaseInPlay, line: K6Line): void {
    switch (line.kind) {
      case "begin":
        played.inFlight.set(line.record.key, line.record);
        this.#meter.sent(line.record, this.#isCrowded(played));
        return;
      case "end":
        played.inFlight.delete(line.record.key);
        this.#record(played, line.record);
        return;
      case "script-cut":
        this.#meter.scriptCut();
        return;
      case "over":
        played.over = true;
        return;
    }
  }

  #isCrowded({ plan, inFlight }: PhaseInPlay): boolean {
    return plan.kind === "open" && plan.vus < plan.rows && inFlight.size >= plan.vus;
  }

  #record(played: PhaseInPlay, seen: K6Record): void {
    const record = recordOf(seen, this.#scenarioMs(played.startMs));
    this.#meter.ended(record);
    played.finished += 1;
    if (record.outcome !== "ok") played.failed += 1;
    this.#options.onRecord(record);
  }

  #unfinished(played: PhaseInPlay, begun: K6Record): void {
    const endMs = Math.max(begun.sentMs, (performance.now() - played.startMs) * this.#options.timeScale);
    this.#guard(() => this.#record(played, { ...begun, endMs }));
  }

  #fail(why: string): void {
    this.#failure ??= why;
    this.#end.abort();
  }

  #throw(cause: unknown): void {
    this.#thrown ??= { cause };
    this.#end.abort();
  }

  /** Callbacks are not the engine's code: what they throw ends the run. */
  #guard(run: () => void): void {
    try {
      run();
    } catch (cause) {
      this.#throw(cause);
    }
  }

  async #waitUntil(instantMs: Ms): Promise<void> {
    const leftMs = instantMs - performance.now();
    if (leftMs > 0) await sleep(leftMs, undefined, { signal: this.#end.signal }).catch(() => undefined);
  }

  #progress({ phase, startMs, endMs, planned, finished, failed, inFlight }: PhaseInPlay): LoadProgress {
    const elapsedMs = Math.max(0, ((endMs ?? performance.now()) - startMs) * this.#options.timeScale);
    return { phase: phase.name, elapsedMs, planned, finished, failed, inFlight: inFlight.size };
  }

  #span({ phase, startMs, endMs }: PhaseInPlay, runEndMs: Ms): PhaseSpan {
    const span = { name: phase.name, startMs: this.#scenarioMs(startMs), endMs: this.#scenarioMs(endMs ?? runEndMs) };
    const users = peopleOf(phase);
    return users === undefined ? span : { ...span, users };
  }

  /** Scenario time since the start of the first phase, to the microsecond. */
  #scenarioMs(wallMs: Ms): Ms {
    const zeroMs = this.#phases[0]?.startMs ?? wallMs;
    return Math.round((wallMs - zeroMs) * this.#options.timeScale * 1_000) / 1_000;
  }
}

/** Lines go to standard output as they are; no summary, no server of k6's own, nothing sent to anybody. */
const k6Arguments: readonly string[] = [
  "run",
  "--quiet",
  "--no-usage-report",
  "--summary-mode=disabled",
  "--log-format=raw",
  "--log-output=stdout",
  "--address=",
];
