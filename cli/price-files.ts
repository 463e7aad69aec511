/** Files of prices in LiteLLM's format. */
import path from "node:path";
import { type ImportedPrices, litellmPrices, priceFileBytesMax } from "../behavior/price/litellm.ts";
import { withFilePrices as priced } from "../behavior/scenario-input.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import { readInputFile } from "./input-file.ts";
import { filesBeside } from "./scenario-input.ts";

/** Throws `file-unreadable`, `file-too-large`, `prices-malformed`. */
export async function readPrices(file: string): Promise<ImportedPrices> {
  return litellmPrices(await readInputFile(file, priceFileBytesMax), path.basename(file));
}

/**
 * A model's own price stays; the others come from `given` (a file of the command line) or else from the file that the scenario names.
 */
export async function withFilePrices(scenario: Scenario, scenarioFile: string, given?: string): Promise<Scenario> {
  return await priced(scenario, filesBeside(scenarioFile), given === undefined ? undefined : path.resolve(given));
}
