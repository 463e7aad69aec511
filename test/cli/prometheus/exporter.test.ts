import { describe, expect, it, onTestFinished } from "vitest";
import { type ExporterOptions, startExporter } from "../../../cli/prometheus/exporter.ts";
import type { ProviderLedger } from "../../../core/run.ts";
import { madeLedger } from "../../analyzers/made-run.ts";
import { madeFleet } from "../live/made-fleet.ts";

const limit = (tokensPerMinute: number | null): ProviderLedger["limits"][number] => ({
  model: "m",
  requestsPerMinute: null,
  tokensPerMinute,
});

async function exporter(options: Partial<ExporterOptions> = {}): ReturnType<typeof startExporter> {
  const started = await startExporter({
    metrics: { count: () => undefined, text: () => Promise.resolve("squall_requests_total 3\n") },
    fleet: () => undefined,
    ledger: () => Promise.resolve([]),
    random: () => 0.5,
    ...options,
  });
  onTestFinished(() => started.close());
  return started;
}

async function get(url: string): Promise<{ status: number; lines: readonly string[] }> {
  const response = await fetch(url);
  const text = await response.text();
  return { status: response.status, lines: text.split("\n").filter((line) => line !== "" && !line.startsWith("#")) };
}

describe("what a live run shows to its Prometheus", () => {
  it("is the run, the fleet as a whole, and what providers count and allow", async () => {
    const made = madeFleet(2);
    made.sampled.arrived = 7;
    made.sampled.waiting = 2;
    const ledgers = [
      madeLedger({ provider: "openai", inputTokens: 60, outputTokens: 40, limits: [limit(600), limit(400)] }),
      madeLedger({ provider: "free", inputTokens: 5, limits: [limit(600), limit(null)] }),
    ];
    const { url } = await exporter({ fleet: () => made.fleet, ledger: () => Promise.resolve(ledgers) });
    const { lines } = await get(url);
    expect(lines).toEqual([
      "squall_requests_total 3",
      "squall_fleet_requests_total 7",
      "squall_fleet_in_flight 0",
      "squall_queue_depth 2",
      'squall_replicas{state="starting"} 0',
      'squall_replicas{state="ready"} 2',
      'squall_replicas{state="draining"} 0',
      'squall_provider_tokens_total{provider="openai"} 100',
      'squall_provider_tokens_total{provider="free"} 5',
      'squall_provider_token_limit{provider="openai"} 1000', // the other allows any number of one model
    ]);
  });

  it("is each replica at an address of its own, and nothing where there is none of the name", async () => {
    const made = madeFleet(2);
    Object.assign(made.replica(1), { cpuSeconds: 1.5, taken: 9, inFlight: 4 });
    const { replicaUrl } = await exporter({ fleet: () => made.fleet });
    const { lines } = await get(replicaUrl("gateway-1"));
    expect(lines).toEqual([
      "squall_replica_cpu_seconds_total 1.5",
      "squall_replica_resident_bytes 0",
      "squall_replica_requests_total 9",
      "squall_replica_in_flight 4",
    ]);
    expect((await get(replicaUrl("gateway-7"))).status).toBe(404);
  });

  it("is lost as often as somebody wants, of replicas alone", async () => {
    const made = madeFleet(1);
    const { url, replicaUrl, loseSamples } = await exporter({ fleet: () => made.fleet });
    loseSamples(0.6); // the draw is 0.5
    expect((await get(replicaUrl("gateway-0"))).status).toBe(503);
    expect((await get(url)).status).toBe(200);
    loseSamples(0.4);
    expect((await get(replicaUrl("gateway-0"))).status).toBe(200);
  });

  it("is an error and not a lie where the front or the providers do not answer", async () => {
    const { url } = await exporter({ ledger: () => Promise.reject(new Error("gone")) });
    expect((await get(url)).status).toBe(503);
  });
});
