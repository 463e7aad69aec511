/**
 * A fenced `squall` block as a step. One key says what kind of step it is; each kind has its own further keys.
 *
 * Blocks that begin with `entry:` or `exit:` are conditions of their phase rather than steps.
 */
import * as z from "zod";
import { fields, listOf, notAllowed, oneOf, someTime, text } from "../../core/scenario/written.ts";
import { minuteMs, type Ms, secondMs } from "../../core/time.ts";
import { parseAction, type RunbookAction } from "./actions.ts";
import { conditionField, withHint } from "./condition-field.ts";
import type { Condition } from "./conditions.ts";
import { onlyReads } from "./commands.ts";
import { type CommandUndo, type FailurePolicy, measureNames, phaseNames, type StepKind, type Undo } from "./runbook.ts";

/** One block: a step without its place, or a condition of the phase. */
export type Block =
  | {
      readonly block: "step";
      readonly id: string | undefined;
      readonly onFailure: FailurePolicy;
      readonly when: Condition | undefined;
      readonly step: StepKind;
    }
  | {
      readonly block: "parallel";
      readonly id: string | undefined;
      readonly onFailure: FailurePolicy;
      readonly when: Condition | undefined;
      readonly steps: readonly Block[];
    }
  | { readonly block: "entry"; readonly condition: Condition }
  | { readonly block: "exit"; readonly condition: Condition; readonly withinMs: Ms };

/** How often a condition is looked at, unless a step says so. */
const pollDefaultMs: Ms = 5 * secondMs;
/** How long something may take to work, unless a step says so. */
const withinDefaultMs: Ms = 5 * minuteMs;

const action = (description: string): z.ZodType<RunbookAction, string> =>
  z
    .string({ error: (issue) => notAllowed(issue.input, "an action such as scale to 6") })
    .transform((given, context): RunbookAction => {
      const read = parseAction(given);
      if (read.ok) return read.action;
      context.issues.push({ code: "custom", message: withHint(read), input: given });
      return z.NEVER;
    })
    .meta({ description });

const noUndo = /^none,?\s+because\s+(\S.*)$/;

const undo = z
  .string({ error: (issue) => notAllowed(issue.input, "an action, a list of words, or none, because REASON") })
  .transform((given, context): Undo => {
    const why = noUndo.exec(given)?.[1];
    if (why !== undefined) return { kind: "none", why };
    const read = parseAction(given);
    if (read.ok) return { kind: "action", action: read.action };
    context.issues.push({ code: "custom", message: `${withHint(read)}; or none, because REASON`, input: given });
    return z.NEVER;
  })
  .meta({ description: "How the action is taken back: another action, or none, because REASON." });

const policyForm =
  /^(?:retry (\d{1,2}))?(?:(?:^| then )(stop|continue|undo|detect|triage|contain|investigate|resolve|review))?$/;
const policyForms = `stop, continue, undo, a phase (${phaseNames.join(", ")}), or retry 2 then one of these`;

const onFailure = z
  .string({ error: (issue) => notAllowed(issue.input, policyForms) })
  .transform((given, context): FailurePolicy => {
    const [whole, retries = "0", next = "stop"] = policyForm.exec(given.trim()) ?? [];
    if (whole === undefined || whole === "") {
      context.issues.push({ code: "custom", message: notAllowed(given, policyForms), input: given });
      return z.NEVER;
    }
    const phase = phaseNames.find((name) => name === next);
    const after =
      phase === undefined ? { next: next as "stop" | "continue" | "undo" } : { next: "phase" as const, to: phase };
    return { retries: Number(retries), after };
  })
  .meta({ description: "What follows when the step fails. Default: stop, and undo what was done." });

const usualPolicy: FailurePolicy = { retries: 0, after: { next: "stop" } };

const branch = oneOf([...phaseNames, "next"], "Phase to go to, or next.");
const words = listOf(text("a word", "Program or argument."), "words", "Program and arguments. No shell reads them.");
const role = text("a role", "Who does it: incident-lead, responder, or somebody beyond such as security.");

const shape = {
  id: text("a name of lowercase letters, digits and hyphens", "Name of the step.", /^[a-z][a-z0-9-]{0,63}$/).optional(),
  "on-failure": onFailure.optional(),
  when: conditionField("Left out unless this holds when its turn comes.").optional(),
  check: conditionField("Must hold now.").optional(),
  wait: conditionField("Must come to hold.").optional(),
  action: action("What is done.").optional(),
  decide: conditionField("What the decision goes by.").optional(),
  manual: text("a sentence", "What a person does, and says so.").optional(),
  approve: role.optional(),
  note: text("a sentence", "What a person should know.").optional(),
  parallel: z
    .array(z.unknown(), { error: (issue) => notAllowed(issue.input, "a list of steps") })
    .min(1)
    .optional(),
  measure: listOf(oneOf(measureNames, "A measure."), "measures", "What is measured of the response.").optional(),
  shell: words.optional(),
  kubectl: words.optional(),
  http: words.optional(),
  entry: conditionField("Must hold when the phase begins.").optional(),
  exit: conditionField("Must come to hold before the phase is over.").optional(),
  say: text("a sentence", "What the person is asked.").optional(),
  by: oneOf(["anybody", "somebody-else"], "Whether whoever asked for it may approve it. Default: anybody.").optional(),
  attest: oneOf(
    ["nothing", "text", "number"],
    "What the person says besides that it is done. Default: nothing.",
  ).optional(),
  "dry-run": words.optional(),
  state: words.optional(),
  role: role.optional(),
  yes: branch.optional(),
  no: branch.optional(),
  undo: z.union([undo, words]).optional(),
  // oxlint-disable-next-line unicorn/no-thenable -- the word that runbooks use; nobody awaits this table
  then: conditionField("What shows that it worked.").optional(),
  within: someTime("How long it may take. Default: 5m.").optional(),
  poll: someTime("How often it is looked at. Default: 5s.").optional(),
};

type Key = keyof typeof shape;

const commandTakes: readonly Key[] = ["id", "when", "on-failure", "within", "undo", "dry-run", "state", "then"];

/** What kind of block it is, and which further keys it takes; the last ones it needs. */
const kinds: Readonly<Partial<Record<Key, { readonly takes: readonly Key[]; readonly needs: readonly Key[] }>>> = {
  check: { takes: ["id", "when", "on-failure"], needs: [] },
  wait: { takes: ["id", "when", "on-failure", "within", "poll"], needs: [] },
  action: { takes: ["id", "when", "on-failure", "then", "within"], needs: ["undo"] },
  decide: { takes: ["id", "when", "on-failure"], needs: ["yes", "no"] },
  manual: { takes: ["id", "when", "on-failure", "role", "attest"], needs: [] },
  approve: { takes: ["id", "when", "on-failure", "by"], needs: ["say"] },
  note: { takes: ["id", "when"], needs: [] },
  parallel: { takes: ["id", "when", "on-failure"], needs: [] },
  measure: { takes: ["id"], needs: [] },
  shell: { takes: commandTakes, needs: [] },
  kubectl: { takes: commandTakes, needs: [] },
  http: { takes: commandTakes, needs: [] },
  entry: { takes: [], needs: [] },
  exit: { takes: ["within"], needs: [] },
};

type Written = z.output<z.ZodObject<typeof shape>>;

export const blockSchema: z.ZodType<Block> = fields(shape, "A step of a runbook.").transform(
  (written, context): Block => {
    const given = (Object.keys(shape) as Key[]).filter((key) => written[key] !== undefined);
    const [kind, ...others] = given.filter((key) => kinds[key] !== undefined);
    const complain = (message: string): typeof z.NEVER => {
      context.issues.push({ code: "custom", message, input: written });
      return z.NEVER;
    };
    if (kind === undefined) return complain(`has no kind of step; needed is one of ${Object.keys(kinds).join(", ")}`);
    if (others.length > 0)
      return complain(`is two steps at once, ${kind} and ${others[0]}: give each a block of its own`);
    const { takes, needs } = kinds[kind] ?? { takes: [], needs: [] };
    const stray = given.find((key) => key !== kind && !takes.includes(key) && !needs.includes(key));
    if (stray !== undefined)
      return complain(`has ${stray}, which ${kind} does not take; it takes ${[...needs, ...takes].join(", ")}`);
    const missing = needs.find((key) => written[key] === undefined);
    if (missing !== undefined) {
      const hint = missing === "undo" ? ": how is it taken back? Write an action, or none, because REASON" : "";
      return complain(`has no ${missing}${hint}`);
    }
    return blockOf(written, complain);
  },
);

function blockOf(written: Written, complain: (message: string) => never): Block {
  const { entry, exit, within, parallel } = written;
  if (entry !== undefined) return { block: "entry", condition: entry };
  if (exit !== undefined) return { block: "exit", condition: exit, withinMs: within ?? withinDefaultMs };
  const about = { id: written.id, when: written.when, onFailure: written["on-failure"] ?? usualPolicy } as const;
  if (parallel !== undefined) {
    const inner = z.array(blockSchema).safeParse(parallel, { reportInput: true });
    if (!inner.success) return complain(`has a step that is wrong: ${inner.error.issues[0]?.message ?? ""}`);
    const odd = inner.data.find((each) => each.block !== "step" || !parallelKinds.has(each.step.kind));
    if (odd !== undefined) return complain("has a step that waits for a person or leads elsewhere; those stand alone");
    return { ...about, block: "parallel", steps: inner.data };
  }
  const step = stepOf(written);
  return typeof step === "string" ? complain(step) : { ...about, block: "step", step };
}

const parallelKinds: ReadonlySet<StepKind["kind"]> = new Set(["check", "wait", "action", "note", "command"]);

/** The step, or what is wrong with it. */
function stepOf(written: Written): StepKind | string {
  const withinMs = written.within ?? withinDefaultMs;
  if (written.check !== undefined) return { kind: "check", condition: written.check };
  if (written.wait !== undefined) {
    return { kind: "wait", condition: written.wait, withinMs, pollMs: written.poll ?? pollDefaultMs };
  }
  if (written.action !== undefined) {
    const taken = written.undo;
    if (taken === undefined || Array.isArray(taken)) return "undo of an action is an action, or none, because REASON";
    return { kind: "action", action: written.action, undo: taken as Undo, proof: written.then, withinMs };
  }
  if (written.decide !== undefined) {
    return { kind: "decide", condition: written.decide, yes: written.yes ?? "next", no: written.no ?? "next" };
  }
  if (written.manual !== undefined) {
    const attest = written.attest ?? "nothing";
    return { kind: "manual", role: written.role ?? "responder", text: written.manual, attest };
  }
  if (written.approve !== undefined) {
    const byAnother = written.by === "somebody-else";
    return { kind: "approve", role: written.approve, text: written.say ?? "", byAnother };
  }
  if (written.note !== undefined) return { kind: "note", text: written.note };
  if (written.measure !== undefined) return { kind: "measure", measures: written.measure };
  return commandOf(written, withinMs);
}

function commandOf(written: Written, withinMs: Ms): StepKind | string {
  for (const tool of ["shell", "kubectl", "http"] as const) {
    const command = written[tool];
    if (command === undefined) continue;
    const undone = commandUndo(written.undo);
    if (typeof undone === "string") return undone;
    if (undone === undefined && !onlyReads(tool, command)) {
      return "has no undo: how is it taken back? Write a list of words, or none, because REASON";
    }
    const { state, then: proof } = written;
    return { kind: "command", tool, words: command, undo: undone, dryRun: written["dry-run"], state, proof, withinMs };
  }
  return "has no kind of step";
}

function commandUndo(taken: Written["undo"]): CommandUndo | string | undefined {
  if (taken === undefined) return undefined;
  if (Array.isArray(taken)) return { kind: "command", words: taken };
  const { kind, why } = taken as { readonly kind: Undo["kind"]; readonly why?: string };
  return kind === "none" ? { kind, why: why ?? "" } : "undo of a command is a list of words, or none, because REASON";
}
