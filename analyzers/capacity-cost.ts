/**
 * What is paid by the hour whether it is used or not: purchased units and nodes of providers. Beside it, and never in it, are the charges
 * for calls (`cost.ts`) and the gateway's own replicas.
 */
import type { Finding } from "../core/finding.ts";
import { addMoney, formatMoney, type NanoDollars } from "../core/money.ts";
import type { CapacityCharge, Run } from "../core/run.ts";
import { hourMs } from "../core/time.ts";
import { plural } from "../core/units.ts";

export interface CapacityCost {
  readonly total: NanoDollars;
  readonly perHour: NanoDollars;
  /** In words: `50 PTU of gpt-4.1 at $1.00 an hour`. */
  readonly parts: readonly string[];
  /** Capacity without a price, which is in none of the figures. */
  readonly unpriced: readonly string[];
}

/** For the whole run; undefined where all is paid as it is used. Each part is rounded once. */
export function capacityCostOf({ manifest }: Run): CapacityCost | undefined {
  const charges = manifest.providers.flatMap((ledger) => ledger.capacity ?? []);
  if (charges.length === 0) return undefined;
  const priced = charges.flatMap((charge) =>
    charge.unitHourly === null ? [] : [{ charge, hourly: charge.unitHourly * charge.units, unit: charge.unitHourly }],
  );
  return {
    total: sum(priced.map(({ hourly }) => Math.round(hourly * (manifest.durationMs / hourMs)))),
    perHour: sum(priced.map(({ hourly }) => hourly)),
    parts: priced.map(({ charge, unit }) => `${inWords(charge)} at ${formatMoney(unit)} an hour (${charge.source})`),
    unpriced: charges.filter(({ unitHourly }) => unitHourly === null).map(inWords),
  };
}

export function capacityFindings(run: Run): readonly Finding[] {
  const cost = capacityCostOf(run);
  if (cost === undefined) return [];
  const { total, perHour, parts, unpriced } = cost;
  const about = { analyzer: "cost", unit: "money" } as const;
  const detail = `${parts.join("; ")}; not in the cost of the load phase`;
  const figures: readonly Finding[] =
    parts.length === 0
      ? []
      : [
          { ...about, id: "cost.capacity", title: "Capacity paid by the hour, whole run", measured: total, detail },
          { ...about, id: "cost.capacity.per-hour", title: "Capacity paid by the hour, per hour", measured: perHour },
        ];
  return [
    ...figures,
    ...unpriced.map((what) => ({
      analyzer: "cost",
      id: `cost.unpriced.${what}`,
      title: `No price is known for ${what}`,
      detail: "its cost is in none of the figures; say what it costs with unit-price or hourly",
    })),
  ];
}

function inWords({ what, unit, units }: CapacityCharge): string {
  if (unit !== "node") return `${units} ${unit} of ${what}`;
  return what === "nodes" ? plural(units, "node") : `${plural(units, "node")} ${what}`;
}

function sum(amounts: readonly NanoDollars[]): NanoDollars {
  return amounts.reduce((total, amount) => addMoney(total, amount), 0);
}
