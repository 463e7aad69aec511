/** Files of prices in LiteLLM's format: read once, then each model of a scenario gets its own out of it. */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { type ImportedPrices, importedPrice, litellmPrices, priceFileBytesMax } from "../behavior/price/litellm.ts";
import { invalidInput } from "../core/errors.ts";
import { withPrices } from "../core/scenario/price-spec.ts";
import type { Dialect } from "../core/scenario/provider-spec.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import { unreadable } from "./input-file.ts";

/** Throws `file-unreadable`, `file-too-large`, `prices-malformed`. */
export async function readPrices(file: string): Promise<ImportedPrices> {
  try {
    const { size } = await stat(file);
    if (size > priceFileBytesMax) {
      throw invalidInput(`${file} has ${size} bytes; allowed are ${priceFileBytesMax}`, { code: "file-too-large" });
    }
    return litellmPrices(await readFile(file, "utf8"), path.basename(file));
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/**
 * A model's own price stays; the others come from `given` (a file of the command line) or else from the file that the scenario names.
 */
export async function withFilePrices(scenario: Scenario, scenarioFile: string, given?: string): Promise<Scenario> {
  const { priceFile } = scenario;
  const beside = priceFile === undefined ? undefined : path.resolve(path.dirname(scenarioFile), priceFile);
  const file = given ?? beside;
  if (file === undefined) return scenario;
  const imported = await readPrices(file);
  const providers = withPrices(scenario.providers, (model, { dialect }) =>
    importedPrice(imported, prefixes[dialect], model),
  );
  return { ...scenario, providers };
}

/** What LiteLLM puts before the names of each provider's models, nearest first; a plain name is anybody's. */
const prefixes: Readonly<Record<Dialect, readonly string[]>> = {
  openai: ["openai/", ""],
  "azure-openai": ["azure/", ""],
  anthropic: ["anthropic/", ""],
  bedrock: ["bedrock/", ""],
  gemini: ["gemini/", ""],
  vertex: ["vertex_ai/", ""],
};
