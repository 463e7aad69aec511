/**
 * What a runbook asks for that cannot be done to real processes, found before anything is broken: each with the line it stands on. A
 * drill that has such a thing is refused at its start, and never half-way.
 */
import type { Problem } from "../../core/errors.ts";
import { assertNever } from "../../core/invariant.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import { plainFleet } from "../../core/scenario/plain-fleet.ts";
import { plural } from "../../core/units.ts";
import type { GatewayDriver } from "../../gateways/driver.ts";
import { type RunbookAction, describeAction } from "../../runbooks/engine/actions.ts";
import { flat, type Runbook, type Step } from "../../runbooks/engine/runbook.ts";
import { liveReplicasMax, whyNoFleet } from "../live/fleet-plan.ts";

/** None when all of it can be done. */
export function notDoneLive(
  runbook: Runbook,
  scenario: Scenario,
  driver: Pick<GatewayDriver, "name" | "isBreakable" | "isRoutedPerRequest" | "refusals">,
): readonly Problem[] {
  const why = whyNoFleet(scenario, driver.name);
  if (why !== undefined) {
    return [{ path: "drill", message: `needs a fleet of the gateway, and there is none: ${why}`, line: 1 }];
  }
  return actionsOf(runbook).flatMap(({ path, line, action }): readonly Problem[] => {
    const reason = whyNotDone(action, scenario, driver);
    return reason === undefined
      ? []
      : [{ path, line, message: `"${describeAction(action)}" cannot be done live: ${reason}` }];
  });
}

function whyNotDone(
  action: RunbookAction,
  { platform }: Scenario,
  { name, isBreakable, isRoutedPerRequest, refusals }: Parameters<typeof notDoneLive>[2],
): string | undefined {
  const refusal = refusals?.[action.kind];
  if (refusal !== undefined) return refusal;
  switch (action.kind) {
    case "broken":
      return isBreakable === true ? undefined : `${name} cannot be broken on purpose`;
    case "rollout":
      if (action.slowdown !== 1) return "the same software runs under another name: it is no slower";
      return action.errorShare > 0 && isBreakable !== true ? `${name} cannot be broken on purpose` : undefined;
    case "switch-model":
      return (action.share ?? 1) < 1 && isRoutedPerRequest !== true
        ? `${name} reads its routes when it starts, not from each request`
        : undefined;
    case "node-loss":
      return action.region === undefined ? undefined : "all replicas are on one machine, in no region";
    case "scale": {
      const most = Math.min(liveReplicasMax, (platform.fleet ?? plainFleet).maxReplicas);
      return action.replicas > most ? `there is room for ${plural(most, "replica")}` : undefined;
    }
    case "cache-loss":
      return platform.resilience?.cache === undefined ? "the scenario's gateway keeps no answers" : undefined;
    case "rollback":
    case "drain":
    case "link-down":
    case "link-slow":
    case "route":
    case "rotate-key":
    case "metrics-loss":
    case "admit":
    case "cap-tenant":
    case "pause-scaling":
      return undefined;
    default:
      return assertNever(action);
  }
}

interface ActionAt {
  readonly path: string;
  readonly line: number;
  readonly action: RunbookAction;
}

/** Everything that a drill may do, what goes wrong and undos included. */
function actionsOf({ drill, phases }: Runbook): readonly ActionAt[] {
  const hidden = (drill?.events ?? []).map(({ action }): ActionAt => ({ path: "drill", line: 1, action }));
  return [...hidden, ...phases.flatMap(({ steps }) => flat(steps).flatMap(actionsOfStep))];
}

function actionsOfStep(step: Step): readonly ActionAt[] {
  if (step.kind !== "action") return [];
  const at = { path: step.id, line: step.line };
  const undo = step.undo.kind === "action" ? [{ ...at, action: step.undo.action }] : [];
  return [{ ...at, action: step.action }, ...undo];
}
