/** The world that a drill is played on: in virtual time, or with real processes on this machine. */
import { invalidInput } from "../../core/errors.ts";
import { cacheFolder } from "../../gateways/cache.ts";
import { gatewayDriver } from "../../gateways/drivers.ts";
import type { JournalEntry } from "../../runbooks/engine/journal.ts";
import { accountOf } from "../../runbooks/engine/measures.ts";
import type { World } from "../../runbooks/engine/world.ts";
import { gatewayReadyMs } from "../live/run.ts";
import type { Progress } from "../progress.ts";
import type { Terminal } from "../terminal.ts";
import type { Asked } from "./drill-folder.ts";
import type { DrillInput } from "./drill-input.ts";
import { notDoneLive } from "./live-abilities.ts";
import { type LiveWorldChoices, startLiveWorld } from "./live-world.ts";
import { createSimulatedWorld } from "./simulated-world.ts";

export interface DrillWorld {
  readonly world: World;
  readonly stop: () => Promise<void>;
}

export interface WorldChoices {
  readonly timeScale: number;
  readonly env: Terminal["env"];
  /** Told how far a live world has come; done when it stands. */
  readonly startProgress: () => Progress;
  readonly signal: AbortSignal;
}

/**
 * A live drill that was killed took its fleet along: another one is started at the instant at which the first one ended. Errors:
 * `not-done-live` for a runbook that asks for what cannot be done to real processes, and those of a live run; the signal's reason
 * when it is aborted before the world stands.
 */
export async function startWorld(
  asked: Pick<Asked, "world" | "fleet">,
  input: DrillInput,
  earlier: readonly string[],
  { timeScale, env, startProgress, signal }: WorldChoices,
): Promise<DrillWorld> {
  if (asked.world === "simulated") return { world: createSimulatedWorld(input), stop: async () => undefined };
  assertDoneLive(input, asked.fleet);
  const entries = earlier.map((line): JournalEntry => JSON.parse(line));
  const progress = startProgress();
  const { world, stop } = await startLiveWorld(input, {
    gateway: input.input.scenario.platform.gateway,
    replicas: asked.fleet,
    timeScale,
    mockPort: 0,
    readyTimeoutMs: gatewayReadyMs,
    cacheDir: cacheFolder(env),
    progress,
    signal,
    ...goesOn(entries),
  });
  progress.done();
  return {
    world,
    stop: async () => {
      await stop();
    },
  };
}

function assertDoneLive({ runbook, input: { scenario } }: DrillInput, fleet: Asked["fleet"]): void {
  const problems = notDoneLive(runbook, scenario, gatewayDriver(scenario.platform.gateway, fleet));
  if (problems.length === 0) return;
  throw invalidInput(`runbook ${runbook.id} cannot be drilled live on scenario "${scenario.name}"`, {
    code: "not-done-live",
    hint: "simulate it: leave out --live",
    problems,
  });
}

/** From where, and with what had been counted; the last account is some seconds old. */
function goesOn(entries: readonly JournalEntry[]): Pick<LiveWorldChoices, "fromMs" | "before"> {
  const last = entries.at(-1);
  if (last === undefined) return {};
  const before = entries.map(accountOf).findLast((account) => account !== undefined);
  return { fromMs: last.atMs, ...(before === undefined ? {} : { before }) };
}
