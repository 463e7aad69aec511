/** A world whose past and future are written down: a provider that is down for a while, and routes that go round it. */
import type { RunbookAction } from "../../runbooks/engine/actions.ts";
import type { Answer, Question, Responder } from "../../runbooks/engine/responder.ts";
import type { Command, CommandResult, World } from "../../runbooks/engine/world.ts";

export interface ScriptedWorld extends World {
  readonly acts: readonly RunbookAction[];
  /** Everything that was asked of it, what it had done under the same key included. */
  readonly calls: readonly RunbookAction[];
  readonly commands: readonly Command[];
  readonly routes: ReadonlyMap<string, readonly string[]>;
  replicas: number;
  /** How often something was put on its schedule. */
  plans: number;
}

export interface Script {
  /** The provider `azure` is down from..to. */
  readonly outageMs?: readonly [number, number];
  readonly endsMs?: number;
  /** Acting in this way fails. */
  readonly refuses?: RunbookAction["kind"];
  /** Nano-dollars per millisecond. */
  readonly costPerMs?: number;
  /** Called before each act: a crash is an error thrown here. */
  readonly onAct?: (action: RunbookAction) => void;
  /** What a command does and answers; unless given, it says its own words. */
  readonly command?: (command: Command) => CommandResult | Promise<CommandResult>;
  /** There is no machine that a command could run on. */
  readonly hasNoMachines?: boolean;
}

/** Errors are 50 % while requests go to azure and it is down; the alert fires a minute later and ends at once. */
export function scriptedWorld(script: Script = {}): ScriptedWorld {
  const { outageMs = [180_000, 780_000], endsMs = 3_600_000, costPerMs = 1_000 } = script;
  let nowMs = 0;
  const acts: RunbookAction[] = [];
  const calls: RunbookAction[] = [];
  const commands: Command[] = [];
  const keys = new Set<string>();
  const routes = new Map<string, readonly string[]>([["gpt-4o-mini", ["azure", "openai"]]]);
  let badSinceMs: number | undefined;
  let failed = 0;
  const down = (): boolean => nowMs >= outageMs[0] && nowMs < outageMs[1];
  const bad = (): boolean => down() && routes.get("gpt-4o-mini")?.[0] === "azure";
  const world: ScriptedWorld = {
    acts,
    calls,
    commands,
    routes,
    replicas: 3,
    plans: 0,
    nowMs: () => nowMs,
    wallTime: () => undefined,
    advanceTo: async (untilMs, signal) => {
      signal.throwIfAborted();
      nowMs = Math.max(nowMs, Math.min(untilMs, endsMs));
      badSinceMs = bad() ? (badSinceMs ?? nowMs) : undefined;
      if (bad()) failed += 10;
      return nowMs >= endsMs ? "over" : "reached";
    },
    measure: async (metric) => {
      if (metric === "errors") return bad() ? 0.5 : 0;
      return metric === "replicas.ready" ? world.replicas : undefined;
    },
    usersAffected: async () => bad(),
    alerts: async () =>
      badSinceMs !== undefined && nowMs - badSinceMs >= 60_000
        ? [{ alert: "ErrorRateHigh", severity: "critical", sinceMs: badSinceMs + 60_000 }]
        : [],
    alertNames: ["ErrorRateHigh"],
    probe: async (provider) =>
      provider === "azure" && down() ? { answers: false, detail: "503" } : { answers: true, detail: "200" },
    deployments: async () => [],
    account: async () => ({ requests: Math.round(nowMs / 100), failed, cost: Math.round(nowMs * costPerMs) }),
    stateOf: async (action) => {
      if (action.kind === "route") return `${action.model}: ${routes.get(action.model)?.join(", ") ?? "nobody"}`;
      return action.kind === "scale" ? `${world.replicas} replicas` : "none";
    },
    act: async (action, key) => {
      calls.push(action);
      if (keys.has(key)) return;
      keys.add(key);
      script.onAct?.(action);
      acts.push(action);
      if (action.kind === script.refuses) throw new Error("the gateway said no");
      if (action.kind === "route") routes.set(action.model, action.providers);
      if (action.kind === "scale") world.replicas = action.replicas;
      if (action.kind === "drain") world.replicas -= action.replicas;
    },
    plan: async () => void (world.plans += 1),
    command:
      script.hasNoMachines === true
        ? undefined
        : async (command) => {
            commands.push(command);
            return (await script.command?.(command)) ?? { status: 0, output: command.words.join(" ") };
          },
  };
  return world;
}

/** Says yes to everything after as long as a person takes; `no` names the kinds of question that get a no. */
export function scriptedResponder(
  options: { readonly afterMs?: number; readonly no?: readonly Question["kind"][] } = {},
): Responder & {
  readonly asked: readonly Question[];
} {
  const asked: Question[] = [];
  return {
    asked,
    ask: async (question, { pass }): Promise<Answer> => {
      asked.push(question);
      if (options.afterMs !== undefined) await pass(options.afterMs);
      return {
        yes: options.no?.includes(question.kind) !== true,
        who: { name: "ada", seat: "incident-lead" },
        note: undefined,
      };
    },
  };
}
