/** A model on GPUs of one's own, simulated from end to end: clients, gateway, engine. */
import { describe, expect, it } from "vitest";
import { mooncakeTraceParser } from "../../behavior/traffic/trace-mooncake.ts";
import { simulateScenario } from "../../cli/simulated-run.ts";
import { parseScenario } from "../../core/scenario/parse.ts";
import { type RequestRecord, ttftMs } from "../../core/record.ts";

describe("a self-hosted model", () => {
  it("plays a trace: blocks that prompts share are found, and the first token comes sooner for it", () => {
    const [cached, uncached] = [true, false].map((on) => replay(on));
    const share = (records: readonly RequestRecord[]): number =>
      sum(records, ({ cachedTokens }) => cachedTokens) / sum(records, ({ inputTokens }) => inputTokens);
    expect(share(cached ?? [])).toBeGreaterThan(0.5);
    expect(share(uncached ?? [])).toBe(0);
    expect(sum(cached ?? [], waited)).toBeLessThan(0.7 * sum(uncached ?? [], waited));
    expect((cached ?? []).every(({ outcome }) => outcome === "ok")).toBe(true);
  });

  it("slows down with calls that come later, to the very step: each gets its tokens when the engine has them", () => {
    const records = simulateScenario(
      { scenario: parseScenario(scenario("arrivals: [{ for: 1s, rate: 20/s, jitter: none }]"), "s"), text: "" },
      { timeScale: 1 },
    ).records;
    expect(records).toHaveLength(20);
    const perToken = records.map((record) => (record.endMs - (record.firstTokenMs ?? 0)) / 99);
    // Alone at the end the step takes 10 + 1 ms; with others in the batch, and their prompts, more.
    expect(Math.max(...perToken)).toBeGreaterThan(20);
    for (const each of perToken) expect(each).toBeGreaterThan(10.9);
    const firsts = records.map((record) => record.firstTokenMs ?? 0);
    expect(firsts).toEqual(firsts.toSorted((left, right) => left - right));
  });

  it("answers 503 when too many wait, and frees the places of clients who have left", () => {
    const full = scenario("arrivals: [{ for: 1s, rate: 100/s, jitter: none }]", "waiting: 5, sequences: 2");
    const { records, statistics } = simulateScenario(
      { scenario: parseScenario(`${full}  clients: { timeout: 2s }\n`, "s"), text: "" },
      { timeScale: 1 },
    );
    const outcomes = new Set(records.map(({ outcome }) => outcome));
    expect(outcomes).toContain("server-error");
    expect(statistics.requests).toBe(100);
  });
});

function scenario(traffic: string, engine = "sequences: 64"): string {
  return `
scenario: own-gpus
providers:
  vllm:
    dialect: openai
    latency:
      self-hosted:
        engine: vllm-llama-3.1-8b-h100
        ${engine.split(", ").join("\n        ")}
        step: { decode: 10ms, per-sequence: 1ms, per-kv-token: 0, prefill: 0, per-prompt-token: 100us }
    models: { llama: {} }
platform: { gateway: direct }
traffic:
  ${traffic}
  requests: [{ model: llama, input: 600, output: 100, stream: true }]
`;
}

/** Forty conversations of five turns, each with all that was said before; a block is 512 tokens. */
function replay(prefixCache: boolean): readonly RequestRecord[] {
  const parser = mooncakeTraceParser("trace");
  const rows = Array.from({ length: 200 }, (_, index) => {
    const [turn, conversation] = [Math.floor(index / 40), index % 40];
    const hashes = Array.from({ length: 2 * (turn + 1) }, (_unused, block) => conversation * 100 + block);
    const row = { timestamp: index * 250, input_length: 1_024 * (turn + 1) + 10, output_length: 20, hash_ids: hashes };
    return JSON.stringify(row);
  });
  for (const [index, row] of rows.entries()) parser.line(row, index + 1);
  const text = `
scenario: own-gpus
providers:
  vllm:
    dialect: openai
    latency: { self-hosted: { engine: vllm-llama-3.x-70b-h100-tp4, prefix-cache: ${prefixCache} } }
    models: { llama: {} }
platform: { gateway: direct }
traffic: { trace: { format: mooncake, file: x }, requests: [{ model: llama, stream: true }] }
`;
  const trace = { name: "trace", rows: parser.finish() };
  return simulateScenario({ scenario: parseScenario(text, "s"), text, trace }, { timeScale: 1 }).records;
}

function waited(record: RequestRecord): number {
  return ttftMs(record) ?? 0;
}

function sum(records: readonly RequestRecord[], of: (record: RequestRecord) => number): number {
  return records.reduce((total, record) => total + of(record), 0);
}
