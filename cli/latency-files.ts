/**
 * Reads the latency profiles that stand in files of their own, beside the scenario or the configuration that names them, and makes
 * sure that engines which are named are there.
 */
import path from "node:path";
import { engineOf } from "../behavior/latency/batching/engines.ts";
import { parseLatencyProfile } from "../core/scenario/latency-profile-schema.ts";
import type { LatencyProfile } from "../core/scenario/latency-spec.ts";
import type { ModelSpec, ProviderSpec } from "../core/scenario/provider-spec.ts";
import { readInputFile } from "./input-file.ts";

/**
 * The providers with every profile in place of its file. `namedIn` is the file whose folder the names are relative to. Errors:
 * `file-unreadable`, `file-too-large`, `latency-profile-invalid`, `unknown-engine`.
 */
export async function withProfilesRead<Provider extends ProviderSpec>(
  providers: readonly Provider[],
  namedIn: string,
): Promise<readonly Provider[]> {
  for (const { models } of providers) models.forEach(engineOf);
  const read = new Map<string, LatencyProfile>();
  for (const file of new Set(providers.flatMap(({ models }) => models.map((model) => model.latency?.file)))) {
    if (file === undefined) continue;
    const found = path.resolve(path.dirname(namedIn), file);
    read.set(file, parseLatencyProfile(await readInputFile(found), path.basename(found)));
  }
  if (read.size === 0) return providers;
  return providers.map((provider) => ({ ...provider, models: provider.models.map((model) => placed(model, read)) }));
}

function placed(model: ModelSpec, read: ReadonlyMap<string, LatencyProfile>): ModelSpec {
  const { file, ...latency } = model.latency ?? {};
  const profile = read.get(file ?? "");
  return profile === undefined ? model : { ...model, latencyProfile: profile.name, latency: { ...latency, profile } };
}
