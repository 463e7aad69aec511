/** The load engine of a live run: Squall's own, or k6, found or built. */
import { cacheFolder } from "../gateways/cache.ts";
import { startChild } from "../gateways/child/child-process.ts";
import { processUsage } from "../gateways/child/process-usage.ts";
import type { LoadEngine } from "../load/engine.ts";
import { k6Engine } from "../load/k6/engine.ts";
import { installK6, sha256Of } from "../load/k6/find.ts";
import { nativeEngine } from "../load/native/engine.ts";
import { packageFile } from "./package-root.ts";

export const engineNames = ["native", "k6"] as const;
export type EngineName = (typeof engineNames)[number];

/** An engine that could start now. */
export interface ReadyEngine {
  readonly name: EngineName;
  readonly play: LoadEngine;
  /** What it is made of, for the manifest. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface EngineWanted {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Squall's own: it needs nothing. */
export const ownEngine: ReadyEngine = { name: "native", play: nativeEngine, environment: {} };

/** Errors: `k6-missing`, `k6-not-usable`, `k6-build-failed`; the signal's reason. */
export async function readyEngine(name: EngineName, wanted: EngineWanted): Promise<ReadyEngine> {
  if (name === "native") return ownEngine;
  const k6 = await installK6({
    ...wanted,
    cacheDir: cacheFolder(wanted.env),
    moduleDir: packageFile("load/k6"),
    start: startChild,
  });
  return {
    name,
    play: k6Engine({
      binary: k6.binary,
      program: packageFile("scenarios/k6/squall.ts"),
      start: startChild,
      cpuSeconds: async (pid) => (await processUsage(pid))?.cpuSeconds,
    }),
    environment: { k6: `${k6.version} from ${k6.from}, sha256 ${await sha256Of(k6.binary)}` },
  };
}
