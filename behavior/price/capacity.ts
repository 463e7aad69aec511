/**
 * Capacity that is paid by the hour, used or not: purchased units and nodes. Calls that it serves cost nothing more.
 *
 * Published prices per unit and hour; a model's `unit-price` comes before them:
 * - Azure OpenAI, PTU of a Global deployment, hourly: $1.00 (Azure Retail Prices API, eastus2, 2026-09-23; secondary). Data Zone $1.10,
 *   Regional $2.00; a month's reservation of a Global unit $260, a year's $2,652.
 * - Vertex AI, GSU on the global endpoint with a month's commitment: $3.6986 (pricing page, 2026-09-23; secondary). A week's $7.14, three
 *   months' $3.2877, a year's $2.7397; other endpoints 1.1 times as much.
 */
import { fromDollars, type NanoDollars } from "../../core/money.ts";
import type { CapacityCharge } from "../../core/run.ts";
import type { ModelSpec, ProviderSpec } from "../../core/scenario/provider-spec.ts";

const ptuHourly: NanoDollars = fromDollars(1);
const gsuHourly: NanoDollars = fromDollars(3.6986);

/** What a provider's capacity costs; empty where all is paid as it is used. */
export function capacityCharges({ dialect, models, nodes }: ProviderSpec): readonly CapacityCharge[] {
  const unit = dialect === "vertex" ? "GSU" : "PTU";
  const units = models.flatMap((model): readonly CapacityCharge[] => {
    const { provisionedUnits } = model;
    return provisionedUnits === undefined
      ? []
      : [{ what: model.model, unit, units: provisionedUnits, ...priceOf(model, unit) }];
  });
  if (nodes === undefined) return units;
  const { type, count, hourly } = nodes;
  return [...units, { what: type ?? "nodes", unit: "node", units: count, ...nodePrice(type, hourly) }];
}

function priceOf({ unitHourly }: ModelSpec, unit: "PTU" | "GSU"): Pick<CapacityCharge, "unitHourly" | "source"> {
  if (unitHourly !== undefined) return { unitHourly, source: "scenario" };
  return unit === "PTU"
    ? { unitHourly: ptuHourly, source: "Azure, Global, hourly, 2026-09-23" }
    : { unitHourly: gsuHourly, source: "Google, global endpoint, one month's commitment, 2026-09-23" };
}

function nodePrice(
  type: string | undefined,
  hourly: NanoDollars | undefined,
): Pick<CapacityCharge, "unitHourly" | "source"> {
  const listed = nodePrices.find(([name]) => name === type);
  if (hourly !== undefined) return { unitHourly: hourly, source: "scenario" };
  return listed === undefined
    ? { unitHourly: null, source: "no published price" }
    : { unitHourly: fromDollars(listed[1]), source: listed[2] };
}

const aws = "AWS, us-east-1, on demand (karpenter-provider-aws, 2026-07-20)";
const azure = "Azure, eastus, on demand (karpenter-provider-azure, 2026-06-18)";
const gcp = "Google Cloud, us-central1, on demand (karpenter-provider-gcp, 2026-08-03)";

/** GPU nodes on demand, USD an hour. */
const nodePrices: readonly (readonly [type: string, dollars: number, source: string])[] = [
  ["p4d.24xlarge", 21.957642, aws],
  ["p4de.24xlarge", 27.44705, aws],
  ["p5.4xlarge", 6.88, aws],
  ["p5.48xlarge", 55.04, aws],
  ["p5en.48xlarge", 63.296, aws],
  ["p6-b200.48xlarge", 113.9328, aws],
  ["g6.xlarge", 0.8048, aws],
  ["g6.12xlarge", 4.6016, aws],
  ["g6.48xlarge", 13.3504, aws],
  ["g6e.xlarge", 1.861, aws],
  ["g6e.12xlarge", 10.49264, aws],
  ["g6e.48xlarge", 30.13118, aws],
  ["Standard_ND96asr_v4", 27.197, azure],
  ["Standard_NC24ads_A100_v4", 3.673, azure],
  ["Standard_ND96amsr_A100_v4", 32.77, azure],
  ["Standard_NC40ads_H100_v5", 6.98, azure],
  ["Standard_ND96isr_H100_v5", 98.32, azure],
  ["a2-highgpu-1g", 3.673385, gcp],
  ["a2-highgpu-8g", 29.38708, gcp],
  ["a2-ultragpu-1g", 5.0688, gcp],
  ["a2-ultragpu-8g", 40.55038, gcp],
  ["a3-highgpu-1g", 11.06125, gcp],
  ["a3-highgpu-8g", 88.49, gcp],
  ["g2-standard-4", 0.706832, gcp],
  ["g2-standard-48", 4.001665, gcp],
  ["g2-standard-96", 8.00333, gcp],
];
