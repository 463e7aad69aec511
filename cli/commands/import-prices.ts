/** `squall import prices`: a price list in LiteLLM's format, checked, and the prices of some models ready for a scenario. */
import { Command } from "commander";
import { stringify } from "yaml";
import { invalidInput } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { priceInWords } from "../../core/scenario/price-schema.ts";
import { plural } from "../../core/units.ts";
import type { CommandContext } from "../context.ts";
import { readPrices } from "../price-files.ts";

interface ImportPricesOptions {
  readonly models?: string;
  readonly json?: boolean;
}

export function importPricesCommand({ terminal }: CommandContext): Command {
  return new Command("prices")
    .description("check a price list in LiteLLM's format, and print the prices of some models for a scenario")
    .argument("<file>", "model_prices_and_context_window.json, or one like it")
    .option("--models <names>", "comma-separated: print their prices as a scenario's prices section")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Examples:
  $ squall import prices model_prices.json
  $ squall import prices model_prices.json --models gpt-4o,gpt-4o-mini >> scenario.yaml
  $ squall simulate scenario.yaml --prices model_prices.json

The last one takes a whole file without importing it; so does prices: ./model_prices.json in a scenario.`,
    )
    .action(async (file: string, { models, json }: ImportPricesOptions) => {
      const imported = await readPrices(file);
      const asked = models === undefined ? [...imported.models.keys()] : models.split(",").map((name) => name.trim());
      const prices = Object.fromEntries(
        asked.map((model) => {
          const price = imported.models.get(model);
          if (price === undefined) throw notPriced(model, file, [...imported.models.keys()]);
          return [model, priceInWords(price)] as const;
        }),
      );
      if (json === true) terminal.out(JSON.stringify({ prices, unpriced: imported.unpriced }));
      else if (models === undefined) terminal.out(summary(imported.models.size, imported.unpriced));
      else terminal.out(stringify({ prices }).trimEnd());
    });
}

function summary(priced: number, unpriced: readonly string[]): string {
  const without = unpriced.length === 0 ? "" : `; ${plural(unpriced.length, "model")} listed without a price`;
  return `${plural(priced, "model")} with a price${without}`;
}

function notPriced(model: string, file: string, known: readonly string[]): Error {
  return invalidInput(`${file} has no price for ${model}`, { code: "model-unpriced", ...nearest(model, known) });
}
