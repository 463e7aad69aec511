/** Alerts and scrapes made by hand. */
import type { Sample } from "../../../analyzers/alerts/promql/series-store.ts";
import { type AlertsSpec, parseAlerts } from "../../../core/scenario/alert-schema.ts";

/** Alerts from what stands under `alerts:`, scraped and asked every ten seconds. */
export function madeAlerts(alerts: Readonly<Record<string, object>>): AlertsSpec {
  return parseAlerts(JSON.stringify({ scrape: "10s", alerts }), "made.yaml");
}

/** Requests so far, answered and failed. */
export function requests(ok: number, failed: number): readonly Sample[] {
  const sample = (outcome: string, value: number): Sample => ({
    name: "squall_requests_total",
    labels: { outcome, model: "m", provider: "p", tenant: "t" },
    value,
  });
  return [sample("ok", ok), sample("server-error", failed)];
}
