/**
 * A runbook as the engine sees it: complete, in milliseconds and nano-dollars, every step with the line it stands on.
 *
 * `parse.ts` makes it from the Markdown that people read. The response half (phases of steps) serves drills, tabletops and
 * real incidents alike; the drill half (what is broken, when, and hidden from the responder) only drills.
 */
import type { NanoDollars } from "../../core/money.ts";
import type { TimedAction } from "../../core/scenario/event-spec.ts";
import type { TimelineEntry } from "../../core/scenario/scenario.ts";
import type { Ms } from "../../core/time.ts";
import type { ActionKind, RunbookAction } from "./actions.ts";
import type { Condition } from "./conditions.ts";
import type { Attested } from "./responder.ts";

/** The six phases of an incident, in order. A runbook may leave some out. */
export const phaseNames = ["detect", "triage", "contain", "investigate", "resolve", "review"] as const;

export type PhaseName = (typeof phaseNames)[number];

export interface Runbook {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  /** As written: `SEV2`, `P1` or both. */
  readonly severity: string;
  readonly owner: string;
  readonly services: readonly string[];
  /** What a person makes sure of before starting. */
  readonly prerequisites: readonly string[];
  /** The only kinds of action that its steps may take. */
  readonly blastRadius: readonly ActionKind[];
  readonly limits: Limits;
  /** What the response is measured against. */
  readonly targets: Targets;
  readonly drill: DrillHalf | undefined;
  readonly phases: readonly Phase[];
}

/** Watched all the time; the first one that is broken ends the drill and undoes what was done. */
export interface Limits {
  /** From the start of the drill. */
  readonly timeMs: Ms | undefined;
  /** Spent since the start of the drill. */
  readonly cost: NanoDollars | undefined;
  /** Share of failed requests over the last minute. */
  readonly errors: number | undefined;
  /** Anything else that users must be spared: the drill is over when one of them has held for as long as it says. */
  readonly stopWhen: readonly Condition[];
}

/** From the fault to the alert, from the alert to its acknowledgement and to containment, from the fault to the end of it. */
export interface Targets {
  readonly detectMs: Ms | undefined;
  readonly acknowledgeMs: Ms | undefined;
  readonly containMs: Ms | undefined;
  readonly resolveMs: Ms | undefined;
}

export interface DrillHalf {
  /** Scenario that is played underneath, relative to the runbook. */
  readonly scenario: string;
  readonly seed: number | undefined;
  /** What goes wrong, unknown to the responder until the review. */
  readonly faults: readonly TimelineEntry[];
  readonly events: readonly TimedAction[];
  /** What goes wrong in the scenario itself, in its traffic for example; undefined: nothing. */
  readonly begins: { readonly atMs: Ms; readonly what: string } | undefined;
  readonly expects: readonly ExpectedAlert[];
  /** How fast a simulated responder is. */
  readonly responder: ReactionTimes;
}

export interface ExpectedAlert {
  readonly alert: string;
  /** Of the first thing that goes wrong. */
  readonly withinMs: Ms;
}

/** Median times of a person; a simulated responder spreads around them. */
export interface ReactionTimes {
  /** From an alert until somebody says that they look into it. */
  readonly acknowledgeMs: Ms;
  /** To approve something, or to decide by what one sees. */
  readonly decideMs: Ms;
  /** To do something by hand. */
  readonly actMs: Ms;
}

export interface Phase {
  readonly name: PhaseName;
  /** 1-based line of its heading. */
  readonly line: number;
  /** What the person reads, without the blocks. */
  readonly prose: string;
  /** Must hold when the phase begins. */
  readonly entry: Condition | undefined;
  /** Must come to hold before the phase is over. */
  readonly exit: { readonly condition: Condition; readonly withinMs: Ms } | undefined;
  readonly steps: readonly Step[];
}

export type Step = StepBase & StepKind;

interface StepBase {
  /** `contain.2`, or the runbook's own. */
  readonly id: string;
  readonly line: number;
  readonly onFailure: FailurePolicy;
  /** Left out unless this holds when its turn comes; undefined: always done. */
  readonly when: Condition | undefined;
}

/** What follows when a step fails. */
export interface FailurePolicy {
  /** How often it is tried again first. */
  readonly retries: number;
  readonly after: AfterFailure;
}

export type AfterFailure =
  /** The drill is over, and everything is taken back. */
  | { readonly next: "stop" }
  | { readonly next: "continue" }
  /** What this step did is taken back, and the drill goes on. */
  | { readonly next: "undo" }
  | { readonly next: "phase"; readonly to: PhaseName };

export type StepKind =
  /** Holds now, or the step fails. */
  | { readonly kind: "check"; readonly condition: Condition }
  | { readonly kind: "wait"; readonly condition: Condition; readonly withinMs: Ms; readonly pollMs: Ms }
  | ActionStep
  | { readonly kind: "decide"; readonly condition: Condition; readonly yes: Branch; readonly no: Branch }
  /** A person does it and says so, and what came of it. */
  | { readonly kind: "manual"; readonly role: string; readonly text: string; readonly attest: Attested }
  /** `byAnother`: somebody else than whoever asked for it, which is whoever acknowledged, decided or attested last. */
  | { readonly kind: "approve"; readonly role: string; readonly text: string; readonly byAnother: boolean }
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "parallel"; readonly steps: readonly Step[] }
  | { readonly kind: "measure"; readonly measures: readonly Measure[] }
  | CommandStep;

/** Steps and the steps within them, in their order. */
export function flat(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step) => (step.kind === "parallel" ? [step, ...step.steps] : [step]));
}

/** Where a decision leads: a phase, or on with the next step. */
export type Branch = PhaseName | "next";

export interface ActionStep {
  readonly kind: "action";
  readonly action: RunbookAction;
  /** How it is taken back. */
  readonly undo: Undo;
  /** What shows that it worked; without it, that it was done. */
  readonly proof: Condition | undefined;
  readonly withinMs: Ms;
}

export type Undo =
  | { readonly kind: "action"; readonly action: RunbookAction }
  /** It cannot be taken back, or need not be, and the runbook says why. */
  | { readonly kind: "none"; readonly why: string };

/** Something outside of Squall. Off unless the person who starts the drill allows it. */
export interface CommandStep {
  readonly kind: "command";
  readonly tool: CommandTool;
  /** Program and arguments, or method, URL and body. No shell reads them. */
  readonly words: readonly string[];
  /** How it is taken back; undefined: it changes nothing. */
  readonly undo: CommandUndo | undefined;
  /** Tells what it would do and does nothing; undefined: there is no such thing, or kubectl makes its own. */
  readonly dryRun: readonly string[] | undefined;
  /** Tells the state that it changes: what it prints is the same before the command and after its undo. */
  readonly state: readonly string[] | undefined;
  /** What shows that it worked; without it, that it ended well. */
  readonly proof: Condition | undefined;
  readonly withinMs: Ms;
}

export type CommandUndo =
  | { readonly kind: "command"; readonly words: readonly string[] }
  | { readonly kind: "none"; readonly why: string };

export type CommandTool = "shell" | "kubectl" | "http";

export const measureNames = [
  "time-to-detect",
  "time-to-acknowledge",
  "time-to-contain",
  "time-to-resolve",
  "error-budget",
  "cost",
] as const;

export type Measure = (typeof measureNames)[number];
