/** What both sides of OpenSLO agree on. */
import type { GoodSpec } from "../../../core/scenario/slo-schema.ts";
import { printWindow } from "../../alerts/promql/print.ts";

export const openSloVersion = "openslo/v1";

/** Says of an SLI which requests are good, as a scenario writes it: a query cannot be read back. */
export const annotationName = "squall/good";

/** As a scenario writes it: `answered`, `ttft <= 2s`. */
export function goodInWords(good: GoodSpec): string {
  return good.kind === "answered" ? "answered" : `${good.latency} <= ${printWindow(good.limitMs)}`;
}
