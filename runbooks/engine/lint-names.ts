/** Names in a runbook that only a scenario can know: alerts, providers, models, tenants. */
import type { Problem } from "../../core/errors.ts";
import { assertNever } from "../../core/invariant.ts";
import { nearest } from "../../core/nearest.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import type { RunbookAction } from "./actions.ts";
import type { Condition } from "./conditions.ts";
import { flat, type Runbook, type Step } from "./runbook.ts";

interface Named {
  readonly kind: "alert" | "provider" | "model" | "tenant";
  readonly name: string;
  readonly path: string;
  readonly line: number;
}

/** Problems with their lines, none when everything that is named is there. */
export function lintForScenario(
  runbook: Runbook,
  scenario: Pick<Scenario, "providers" | "platform" | "traffic">,
  alerts: readonly { readonly name: string }[],
): readonly Problem[] {
  const known: Readonly<Record<Named["kind"], readonly string[]>> = {
    alert: alerts.map(({ name }) => name),
    provider: scenario.providers.map(({ name }) => name),
    model: scenario.platform.routes.map(({ model }) => model),
    tenant: [
      ...scenario.traffic.tenants.map(({ name }) => name),
      ...(scenario.traffic.extra ?? []).flatMap(({ tenant }) => tenant ?? []),
    ],
  };
  return namesIn(runbook).flatMap(({ kind, name, path, line }): readonly Problem[] => {
    if (known[kind].includes(name)) return [];
    const there = known[kind].length === 0 ? "there is none" : `there is ${known[kind].join(", ")}`;
    const message = `names ${kind} ${name}, which the scenario does not have; ${there}`;
    return [{ path, line, message, ...nearest(name, known[kind]) }];
  });
}

function namesIn({ phases, drill, limits }: Runbook): readonly Named[] {
  const front = { path: "drill", line: 1 };
  return [
    ...limits.stopWhen.flatMap((condition) => namesOfCondition(condition, { path: "limits", line: 1 })),
    ...(drill?.expects ?? []).map(({ alert }): Named => ({ ...front, kind: "alert", name: alert })),
    ...(drill?.faults ?? []).flatMap(({ fault: { provider } }): readonly Named[] =>
      provider === undefined ? [] : [{ ...front, kind: "provider", name: provider }],
    ),
    ...(drill?.events ?? []).flatMap(({ action }) => namesOfAction(action, front)),
    ...phases.flatMap((phase) => {
      const at = { path: phase.name, line: phase.line };
      return [
        ...(phase.entry === undefined ? [] : namesOfCondition(phase.entry, at)),
        ...(phase.exit === undefined ? [] : namesOfCondition(phase.exit.condition, at)),
        ...flat(phase.steps).flatMap((step) => namesOfStep(step)),
      ];
    }),
  ];
}

type Place = Pick<Named, "path" | "line">;

function namesOfStep(step: Step): readonly Named[] {
  const at = { path: step.id, line: step.line };
  const about = step.when === undefined ? [] : namesOfCondition(step.when, at);
  return [...about, ...namesOfKind(step, at)];
}

function namesOfKind(step: Step, at: Place): readonly Named[] {
  switch (step.kind) {
    case "check":
    case "wait":
    case "decide":
      return namesOfCondition(step.condition, at);
    case "action":
      return [
        ...namesOfAction(step.action, at),
        ...(step.undo.kind === "action" ? namesOfAction(step.undo.action, at) : []),
        ...(step.proof === undefined ? [] : namesOfCondition(step.proof, at)),
      ];
    case "manual":
    case "approve":
    case "note":
    case "parallel":
    case "measure":
    case "command":
      return [];
    default:
      return assertNever(step);
  }
}

function namesOfCondition(condition: Condition, at: Place): readonly Named[] {
  switch (condition.kind) {
    case "alert":
      return [{ ...at, kind: "alert", name: condition.alert }];
    case "provider":
      return [{ ...at, kind: "provider", name: condition.provider }];
    case "sli":
      return condition.scope === undefined ? [] : [{ ...at, ...condition.scope }];
    case "deployment":
    case "output":
      return [];
    case "all":
      return condition.of.flatMap((part) => namesOfCondition(part, at));
    default:
      return assertNever(condition);
  }
}

function namesOfAction(action: RunbookAction, at: Place): readonly Named[] {
  const models = "model" in action ? [action.model, ...("to" in action && action.to !== null ? [action.to] : [])] : [];
  const providers = [
    ...("provider" in action ? [action.provider] : []),
    ...("providers" in action ? action.providers : []),
  ];
  return [
    ...models.map((name): Named => ({ ...at, kind: "model", name })),
    ...providers.map((name): Named => ({ ...at, kind: "provider", name })),
    ...("tenant" in action ? [{ ...at, kind: "tenant", name: action.tenant } as const] : []),
  ];
}
