/**
 * Every kind of fault, played live (the load engine against the mock, over HTTP) and simulated: the same requests end the same way.
 *
 * Which calls a fault hits and where an answer breaks off are drawn by request, so outcomes agree one by one and not just on
 * average. Reasons differ where one port cannot act out what happens to a connection; see `behavior/faults/connection.ts`.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { simulateScenario } from "../../../cli/simulated-run.ts";
import { workloadOf } from "../../../cli/scenario-input.ts";
import { providerAccounts, providerKey } from "../../../behavior/provider-accounts.ts";
import type { RequestRecord } from "../../../core/record.ts";
import type { ProviderLedger } from "../../../core/run.ts";
import { parseScenario } from "../../../core/scenario/parse.ts";
import type { Scenario } from "../../../core/scenario/scenario.ts";
import { nativeEngine } from "../../../load/native/engine.ts";
import { baseUrlOf } from "../../../mock-providers/ready-message.ts";
import { startMock } from "../../../mock-providers/server.ts";

/** 60 requests within 0.3 s, half of them streamed, each 12 tokens long and done after some 20 ms. */
function scenarioText(fault: string): string {
  return `
scenario: fault-both-ways
seed: 11
traffic:
  arrivals: [{ for: 300ms, rate: 200/s }]
  requests:
    - { share: 50%, model: gpt-4o-mini, stream: true, input: 60, output: 12 }
    - { share: 50%, model: gpt-4o-mini, stream: false, input: 60, output: 12 }
  clients: { timeout: 1s }
providers:
  openai:
    dialect: openai
    region: eu-west
    models: { gpt-4o-mini: { rpm: 600 } }
    latency: { profile: openai-gpt-4o-mini, scale: 0.02 }
platform: { gateway: direct }
timeline:
  - { at: 0s, fault: ${fault} }
objectives: { errors: "< 100%" }
`;
}

interface Ends {
  readonly outcomes: Readonly<Record<string, string>>;
  readonly ledger: Pick<ProviderLedger, "calls" | "served" | "refused" | "failed">;
}

describe("a fault ends the same requests the same way, live and simulated", () => {
  it.each([
    { fault: "{ provider: openai, kind: outage, share: 30% }", hit: "server-error" },
    { fault: "{ provider: openai, kind: outage, how: reset, share: 30% }", hit: "connection" },
    { fault: "{ region: eu-west, kind: region-down, share: 30% }", hit: "connection" },
    { fault: "{ region: eu-west, kind: region-down, how: status, shape: { ramp: 1h } }", hit: "ok" },
    { fault: "{ provider: openai, kind: error-rate, share: 30% }", hit: "server-error" },
    { fault: "{ provider: openai, kind: rate-limit-storm, share: 30%, retry-after: 1s }", hit: "rate-limited" },
    { fault: "{ provider: openai, kind: overload, share: 30% }", hit: "server-error" },
    { fault: "{ provider: openai, kind: latency, factor: 3 }", hit: "ok" },
    { fault: "{ provider: openai, kind: brownout, factor: 2, errors: 30%, shape: step }", hit: "server-error" },
    { fault: "{ provider: openai, kind: slow-first-token, by: 2s, share: 50% }", hit: "ok" },
    { fault: "{ provider: openai, kind: stalled-stream, share: 20% }", hit: "timeout" },
    { fault: "{ provider: openai, kind: cut-stream, share: 50% }", hit: "cut-stream" },
    { fault: "{ provider: openai, kind: malformed-chunk, share: 50% }", hit: "malformed" },
    { fault: "{ provider: openai, kind: truncated-stream, share: 50% }", hit: "cut-stream" },
    { fault: "{ provider: openai, kind: error-event, share: 50% }", hit: "cut-stream" },
    { fault: "{ provider: openai, kind: wrong-usage, factor: 3 }", hit: "ok" },
    { fault: "{ provider: openai, kind: connection, how: refused, share: 30% }", hit: "connection" },
    { fault: "{ provider: openai, kind: connection, how: dns, share: 30% }", hit: "connection" },
    { fault: "{ provider: openai, kind: connection, how: tls, share: 30% }", hit: "connection" },
    { fault: "{ provider: openai, kind: connection, how: timeout, wait: 200ms, share: 30% }", hit: "connection" },
    { fault: "{ provider: openai, kind: connection, how: hang, share: 20% }", hit: "timeout" },
    { fault: "{ provider: openai, kind: credential-revoked, share: 30% }", hit: "rejected" },
    { fault: "{ provider: openai, kind: content-filter, share: 30% }", hit: "ok" },
  ])("$fault", async ({ fault, hit }) => {
    const scenario = parseScenario(scenarioText(fault), "both.yaml");
    const [live, simulated] = [await playedLive(scenario), playedSimulated(scenario)];
    expect(live).toEqual(simulated);
    expect(Object.values(simulated.outcomes)).toContain(hit);
  });

  it("{ provider: openai, kind: quota-cut, to: 5% }, by the number of calls that pass", async () => {
    const scenario = parseScenario(scenarioText("{ provider: openai, kind: quota-cut, to: 5% }"), "both.yaml");
    const [live, simulated] = [await playedLive(scenario), playedSimulated(scenario)];
    const { calls, served } = simulated.ledger;
    // 5 % of 600 in one burst, and what a bucket that refills 30 a minute has got back when it was empty: nothing yet.
    expect(served).toBe(30);
    expect(calls).toBeGreaterThan(40);
    expect(live.ledger).toEqual(simulated.ledger);
  });
});

function playedSimulated(scenario: Scenario): Ends {
  const { records, manifest } = simulateScenario({ scenario, text: "" }, { timeScale: 1 });
  return ends(records, manifest.providers);
}

async function playedLive(scenario: Scenario): Promise<Ends> {
  const [spec] = scenario.providers;
  if (spec === undefined) throw new Error("the scenario has a provider");
  const server = await startMock({
    config: {
      seed: scenario.seed,
      timeScale: 1,
      latencyScale: 1,
      streamHeaders: "first-event",
      providers: [{ ...spec, keys: providerAccounts(spec) }],
      faults: scenario.timeline,
    },
    host: "127.0.0.1",
    port: 0,
  });
  onTestFinished(async () => void (await server.close(0)));
  const records: RequestRecord[] = [];
  const url = `${baseUrlOf(server.url, spec)}/chat/completions`;
  await nativeEngine({
    workload: workloadOf({ scenario, text: "" }),
    target: { call: () => ({ url, headers: { authorization: `Bearer ${providerKey(spec)}` } }) },
    timeScale: 1,
    onRecord: (record) => records.push(record),
    onProgress: () => undefined,
    signal: new AbortController().signal,
    limits: { maxInFlight: 200, maxConnections: 200 },
  });
  const ledger = await fetch(`${server.url}/_squall/ledger`);
  return ends(records, (await ledger.json()) as readonly ProviderLedger[]);
}

function ends(records: readonly RequestRecord[], ledgers: readonly ProviderLedger[]): Ends {
  const [ledger] = ledgers;
  if (ledger === undefined) throw new Error("there is a provider");
  const { calls, served, refused, failed } = ledger;
  return {
    outcomes: Object.fromEntries(records.map(({ key, outcome }) => [key, outcome] as const)),
    ledger: { calls, served, refused, failed },
  };
}
