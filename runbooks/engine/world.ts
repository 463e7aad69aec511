/**
 * What a runbook is executed against: a simulation in virtual time, or a real fleet in wall time.
 *
 * The engine knows neither. It asks what is seen, acts, and lets time pass; one engine, two clocks. Worlds are handed in
 * (`cli/drill/`), so that this room depends on none of them.
 */
import type { NanoDollars } from "../../core/money.ts";
import type { TimedAction } from "../../core/scenario/event-spec.ts";
import type { TimelineEntry } from "../../core/scenario/scenario.ts";
import type { Ms } from "../../core/time.ts";
import type { RunbookAction } from "./actions.ts";
import type { Scope } from "./conditions.ts";
import type { CommandTool } from "./runbook.ts";

export interface World {
  /** Scenario time since the load began. */
  readonly nowMs: () => Ms;
  /** ISO 8601; undefined in a simulation, whose journal must not depend on the day. */
  readonly wallTime: () => string | undefined;
  /** Lets time pass. `over` when the scenario ended first. Rejects with the signal's reason when it is aborted. */
  readonly advanceTo: (untilMs: Ms, signal: AbortSignal) => Promise<"reached" | "over">;
  /** An SLI over the past `windowMs`; undefined when there was nothing to measure. */
  readonly measure: (metric: string, windowMs: Ms, scope: Scope | undefined) => Promise<number | undefined>;
  /** Alerts by name, firing now, each since when. */
  readonly alerts: () => Promise<readonly FiringAlert[]>;
  /** Whether users are served worse than the scenario's objectives allow, over the past minute. */
  readonly usersAffected: () => Promise<boolean>;
  /** Names of all alerts that are watched. */
  readonly alertNames: readonly string[];
  /** Asks a provider for a model's answer, past our own gateway. */
  readonly probe: (provider: string) => Promise<ProbeResult>;
  /** Deployments so far, in order of time. */
  readonly deployments: () => Promise<readonly { readonly atMs: Ms; readonly version: string }[]>;
  /** Since the load began. */
  readonly account: () => Promise<Account>;
  /** The state that an action of this kind changes, in words; equal words, equal state. */
  readonly stateOf: (action: RunbookAction) => Promise<string>;
  /**
   * Carries it out. Rejects with what went wrong. `key` is the same when the engine cannot know whether it was done before a crash: a
   * world that has carried out this key does nothing.
   */
  readonly act: (action: RunbookAction, key: string) => Promise<void>;
  /** Puts what goes wrong in a drill on the schedule; instants count from the start of the load. */
  readonly plan: (faults: readonly TimelineEntry[], events: readonly TimedAction[]) => Promise<void>;
  /**
   * Runs a command outside of Squall; only called when the person allowed it. Rejects when it cannot be run, takes too long, or is broken
   * off by its signal. Undefined where there is no machine on which one could run, as in a simulation.
   */
  readonly command: ((command: Command) => Promise<CommandResult>) | undefined;
}

/** How commands are run there. Throws where none can be. */
export function commandOf({ command }: Pick<World, "command">): NonNullable<World["command"]> {
  if (command === undefined) throw new Error("there is no machine here on which a command could run");
  return command;
}

export interface Command {
  readonly tool: CommandTool;
  readonly words: readonly string[];
  /** Tells the other side that this is the same request as before: header `Idempotency-Key`, variable `SQUALL_IDEMPOTENCY_KEY`. */
  readonly key: string;
  /** Wall time. */
  readonly withinMs: Ms;
  /** Breaks it off; undefined of what takes something back, which goes on to its end. */
  readonly signal?: AbortSignal;
}

export interface CommandResult {
  /** Exit code, or the answer's status. */
  readonly status: number;
  /** Standard output, or the body. */
  readonly output: string;
}

export interface FiringAlert {
  readonly alert: string;
  readonly severity: string;
  readonly sinceMs: Ms;
}

export interface ProbeResult {
  readonly answers: boolean;
  /** How long the answer took; undefined when there was none. */
  readonly tookMs?: Ms;
  /** What came back: `200 after 212 ms`, `503`. */
  readonly detail: string;
}

/** How things stand, over the minute before: what goes into a journal as evidence. What could not be measured is not there. */
export interface Snapshot {
  readonly errors?: number;
  readonly ttftP95Ms?: Ms;
  readonly requestsPerSecond?: number;
  readonly replicasReady?: number;
  /** Names of those that fire. */
  readonly alerts: readonly string[];
}

/** Running totals. */
export interface Account {
  readonly requests: number;
  readonly failed: number;
  readonly cost: NanoDollars;
  /** Of that, for requests that failed: paid and lost. Journals of older versions do not have it. */
  readonly costOfFailed?: NanoDollars;
  /** That the answers counted. */
  readonly tokens?: number;
}
