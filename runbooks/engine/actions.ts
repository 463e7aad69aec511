/**
 * Actions: what a runbook does, in a sentence that people read and the engine carries out.
 *
 *     route gpt-4o-mini to openai, azure     scale to 6             drain 1 replica        kill 2 replicas
 *     roll out v2                            roll back              rotate key of azure    clear the cache
 *     stop admitting requests                admit requests         cap tenant marketing at $5/h
 *     pause the autoscaler                   resume the autoscaler  switch 10% of gpt-4o to gpt-4.1
 *     switch gpt-4o to gpt-4o-mini           switch gpt-4o back     lift the cap of tenant marketing
 */
import { assertNever } from "../../core/invariant.ts";
import { formatMoney, parseMoney } from "../../core/money.ts";
import type { PlatformAction } from "../../core/scenario/event-spec.ts";
import type { Ms } from "../../core/time.ts";
import { formatDuration } from "../../core/time.ts";
import { formatShare, parseShare } from "../../core/units.ts";

/** Exactly what a timeline's event can be: a drill acts through what a scenario can plan ahead. */
export type RunbookAction = PlatformAction;

export type ActionKind = RunbookAction["kind"];

/** Every kind that a runbook may name in its blast radius. */
export const actionKinds: readonly [ActionKind, ...ActionKind[]] = [
  "route",
  "scale",
  "drain",
  "node-loss",
  "rollout",
  "rollback",
  "rotate-key",
  "admit",
  "cap-tenant",
  "switch-model",
  "pause-scaling",
  "cache-loss",
];

export type ParsedAction =
  | { readonly ok: true; readonly action: RunbookAction }
  | { readonly ok: false; readonly message: string; readonly hint?: string };

/**
 * Whether there is a state that tells that it was done, and that its undo brings back. A drained, killed or emptied thing leaves none:
 * it is done again by itself, or gone.
 */
export function hasState({ kind }: RunbookAction): boolean {
  return !stateless.has(kind);
}

const stateless: ReadonlySet<ActionKind> = new Set([
  "drain",
  "node-loss",
  "broken",
  "cache-loss",
  "link-down",
  "link-slow",
  "metrics-loss",
]);

/** How long replicas that a runbook kills take to be replaced: at once, as an orchestrator that notices does. */
const replacedAfterMs: Ms = 0;

interface Form {
  readonly pattern: RegExp;
  readonly action: (match: readonly string[]) => RunbookAction | undefined;
}

const forms: readonly Form[] = [
  {
    pattern: /^route (\S+) to (.+)$/,
    action: ([, model = "", providers = ""]) => ({ kind: "route", model, providers: providers.split(/\s*,\s*/) }),
  },
  { pattern: /^scale to (\d+)$/, action: ([, replicas = ""]) => ({ kind: "scale", replicas: Number(replicas) }) },
  {
    pattern: /^drain (\d+) replicas?$/,
    action: ([, replicas = ""]) => ({ kind: "drain", replicas: Number(replicas) }),
  },
  {
    pattern: /^kill (\d+) replicas?$/,
    action: ([, replicas = ""]) => ({ kind: "node-loss", replicas: Number(replicas), replacedAfterMs }),
  },
  {
    pattern: /^roll out (\S+)$/,
    action: ([, version = ""]) => ({ kind: "rollout", version, surge: 1, unavailable: 0, errorShare: 0, slowdown: 1 }),
  },
  { pattern: /^roll back$/, action: () => ({ kind: "rollback" }) },
  { pattern: /^rotate key of (\S+)$/, action: ([, provider = ""]) => ({ kind: "rotate-key", provider, gapMs: 0 }) },
  { pattern: /^clear the cache$/, action: () => ({ kind: "cache-loss" }) },
  { pattern: /^stop admitting requests$/, action: () => ({ kind: "admit", requests: false }) },
  { pattern: /^admit requests$/, action: () => ({ kind: "admit", requests: true }) },
  {
    pattern: /^cap tenant (\S+) at (\S+)\/h$/,
    action: ([, tenant = "", amount = ""]) => {
      const perHour = parseMoney(amount);
      return perHour === undefined ? undefined : { kind: "cap-tenant", tenant, perHour };
    },
  },
  {
    pattern: /^lift the cap of tenant (\S+)$/,
    action: ([, tenant = ""]) => ({ kind: "cap-tenant", tenant, perHour: null }),
  },
  {
    pattern: /^switch (\S+) of (\S+) to (\S+)$/,
    action: ([, part = "", model = "", to = ""]) => {
      const share = parseShare(part);
      return share === undefined || share > 1 ? undefined : { kind: "switch-model", model, to, share };
    },
  },
  { pattern: /^pause the autoscaler$/, action: () => ({ kind: "pause-scaling", paused: true }) },
  { pattern: /^resume the autoscaler$/, action: () => ({ kind: "pause-scaling", paused: false }) },
  { pattern: /^switch (\S+) back$/, action: ([, model = ""]) => ({ kind: "switch-model", model, to: null }) },
  { pattern: /^switch (\S+) to (\S+)$/, action: ([, model = "", to = ""]) => ({ kind: "switch-model", model, to }) },
];

const examples =
  "route MODEL to PROVIDER, PROVIDER; scale to 6; drain 1 replica; kill 1 replica; roll out v2; roll back; rotate key of PROVIDER; " +
  "stop admitting requests; admit requests; cap tenant NAME at $5/h; lift the cap of tenant NAME; switch MODEL to MODEL; switch 10% of MODEL to MODEL; switch MODEL back; pause the autoscaler; resume the autoscaler; clear the cache";

/** Reads a sentence; says what is wrong with it otherwise. */
export function parseAction(sentence: string): ParsedAction {
  const text = sentence.trim().replaceAll(/\s+/g, " ");
  for (const { pattern, action } of forms) {
    const match = pattern.exec(text);
    const read = match === null ? undefined : action(match);
    if (read !== undefined) return { ok: true, action: read };
  }
  return { ok: false, message: `"${text}" is no action`, hint: `write one of: ${examples}` };
}

/** The sentence again, for journals and prompts. */
export function describeAction(action: RunbookAction): string {
  switch (action.kind) {
    case "route":
      return `route ${action.model} to ${action.providers.join(", ")}`;
    case "scale":
      return `scale to ${action.replicas}`;
    case "drain":
      return `drain ${action.replicas} ${action.replicas === 1 ? "replica" : "replicas"}`;
    case "node-loss":
      return `kill ${action.replicas} ${action.replicas === 1 ? "replica" : "replicas"}`;
    case "rollout":
      return `roll out ${action.version}`;
    case "rollback":
      return "roll back";
    case "rotate-key":
      return `rotate key of ${action.provider}`;
    case "cache-loss":
      return "clear the cache";
    case "admit":
      return action.requests ? "admit requests" : "stop admitting requests";
    case "cap-tenant":
      return action.perHour === null
        ? `lift the cap of tenant ${action.tenant}`
        : `cap tenant ${action.tenant} at ${formatMoney(action.perHour)}/h`;
    case "switch-model":
      if (action.to === null) return `switch ${action.model} back`;
      return `switch ${action.share === undefined ? "" : `${formatShare(action.share)} of `}${action.model} to ${action.to}`;
    case "pause-scaling":
      return action.paused ? "pause the autoscaler" : "resume the autoscaler";
    case "broken":
      return `cut ${action.replicas} ${action.replicas === 1 ? "replica" : "replicas"} off from all models`;
    case "link-down":
      return `cut the link to ${action.provider}`;
    case "link-slow":
      return `make the link to ${action.provider} ${formatDuration(action.addedMs)} longer`;
    case "metrics-loss":
      return `lose ${formatShare(action.share)} of the samples`;
    default:
      return assertNever(action);
  }
}
