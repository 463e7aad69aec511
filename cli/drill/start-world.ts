/** The world that a drill is played on: in virtual time, or with real processes on this machine. */
import { usageError } from "../../core/errors.ts";
import { cacheFolder } from "../../gateways/cache.ts";
import type { World } from "../../runbooks/engine/world.ts";
import { gatewayReadyMs } from "../live-run.ts";
import type { Progress } from "../progress.ts";
import type { Terminal } from "../terminal.ts";
import type { Asked } from "./drill-folder.ts";
import type { DrillInput } from "./drill-input.ts";
import { startLiveWorld } from "./live-world.ts";
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
}

/** Errors: `drill-over` for a live one that was killed, and those of a live run. */
export async function startWorld(
  asked: Pick<Asked, "world">,
  input: DrillInput,
  earlier: readonly string[],
  { timeScale, env, startProgress }: WorldChoices,
): Promise<DrillWorld> {
  if (asked.world === "simulated") return { world: createSimulatedWorld(input), stop: async () => undefined };
  if (earlier.length > 0) {
    throw usageError("a live drill that was killed took its fleet along; there is nothing to go on with", {
      code: "drill-over",
      hint: "start it again with another --out; the journal of this one stays",
    });
  }
  const progress = startProgress();
  const { world, stop } = await startLiveWorld(input, {
    gateway: input.input.scenario.platform.gateway,
    timeScale,
    mockPort: 0,
    readyTimeoutMs: gatewayReadyMs,
    cacheDir: cacheFolder(env),
    progress,
    signal: new AbortController().signal, // a drill that is interrupted first takes back what it did
  });
  progress.done();
  return {
    world,
    stop: async () => {
      await stop();
    },
  };
}
