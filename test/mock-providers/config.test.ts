import { describe, expect, it } from "vitest";
import { type Problem, SquallError } from "../../core/errors.ts";
import { defaultMockConfig, type MockConfig, parseMockConfig } from "../../mock-providers/config.ts";
import { configInWords } from "../../mock-providers/config-words.ts";

const full = `
seed: 7
time-scale: 10
latency-scale: 0.5
stream-headers: at-once
providers:
  openai:
    dialect: openai
    latency: openai-gpt-4o-mini
    slice: 1s
    models:
      gpt-4o-mini: { rpm: 500, tpm: 200k, rpd: 10k }
      gpt-4o: { tpm: 30k, tpd: 2M, latency: { profile: openai-gpt-4o, scale: 2 } }
  second: { dialect: openai, latency: instant, models: { gpt-4o: {} } }
keys:
  openai:
    - { key: sk-a, organization: org-a, project: p, project-limits: [{ dimension: tokens, amount: 10k }] }
    - { key: sk-b, state: insufficient-quota, limits: [{ dimension: requests, amount: 3, per: 5s, label: three }] }
timeline:
  - { at: 1m, for: 30s, fault: { provider: openai, kind: outage } }
  - { at: 2m, fault: { provider: second, kind: error-rate, share: 30%, retry-after: 2s } }
`;

describe("parseMockConfig", () => {
  it("reads providers, keys, speeds and faults in the words of a scenario", () => {
    const model = { requestsPerDay: undefined, tokensPerDay: undefined, latencyScale: 1 };
    const expected: MockConfig = {
      seed: 7,
      timeScale: 10,
      latencyScale: 0.5,
      streamHeaders: "at-once",
      providers: [
        {
          name: "openai",
          dialect: "openai",
          sliceMs: 1_000,
          models: [
            {
              ...model,
              model: "gpt-4o-mini",
              requestsPerMinute: 500,
              tokensPerMinute: 200_000,
              requestsPerDay: 10_000,
              latencyProfile: "openai-gpt-4o-mini",
            },
            {
              model: "gpt-4o",
              requestsPerMinute: undefined,
              tokensPerMinute: 30_000,
              requestsPerDay: undefined,
              tokensPerDay: 2_000_000,
              latencyProfile: "openai-gpt-4o",
              latencyScale: 2,
            },
          ],
          keys: [
            {
              apiKey: "sk-a",
              organization: "org-a",
              state: "active",
              project: "p",
              projectLimits: [{ dimension: "tokens", amount: 10_000, perMs: 60_000, label: "tokens per min (TPM)" }],
            },
            {
              apiKey: "sk-b",
              organization: "org-squall",
              state: "insufficient-quota",
              limits: [{ dimension: "requests", amount: 3, perMs: 5_000, label: "three" }],
            },
          ],
        },
        {
          name: "second",
          dialect: "openai",
          sliceMs: 0,
          models: [
            {
              ...model,
              model: "gpt-4o",
              requestsPerMinute: undefined,
              tokensPerMinute: undefined,
              latencyProfile: "instant",
            },
          ],
          keys: [{ apiKey: "sk-squall-second", organization: "org-squall", state: "active" }],
        },
      ],
      faults: [
        {
          atMs: 60_000,
          forMs: 30_000,
          fault: { provider: "openai", model: undefined, share: 1, kind: "outage", how: "status", status: 503 },
        },
        {
          atMs: 120_000,
          forMs: undefined,
          fault: {
            provider: "second",
            model: undefined,
            share: 0.3,
            kind: "error-rate",
            status: 500,
            retryAfterMs: 2_000,
          },
        },
      ],
    };
    expect(parseMockConfig(full, "mock.yaml")).toEqual(expected);
  });

  it.each([
    { name: "the default", config: defaultMockConfig() },
    { name: "a full one", config: parseMockConfig(full, "mock.yaml") },
  ])("reads back what configInWords writes: $name", ({ config }) => {
    expect(parseMockConfig(JSON.stringify(configInWords(config)), "words")).toEqual(config);
  });

  it("reports every mistake at once, each with its place, its line and the nearest known name", () => {
    const problems = problemsOf(`
seed: soon
providrs: {}
providers:
  openai: { dialect: openai, latency: instant, models: { gpt-4o: { rpm: -1 } } }
keys:
  openai: [{ key: "sk with spaces" }]
`);
    expect(problems.map(({ path, line, hint }) => ({ path, line, hint }))).toEqual([
      { path: "seed", line: 2, hint: undefined },
      { path: "providers.openai.models.gpt-4o.rpm", line: 5, hint: undefined },
      { path: "keys.openai[0].key", line: 7, hint: undefined },
      { path: "providrs", line: 3, hint: "did you mean providers?" },
    ]);
  });

  it.each([
    {
      why: "a key section for nobody",
      text: "keys: { opnai: [{ key: a }] }",
      path: "keys.opnai",
      hint: "did you mean openai?",
    },
    { why: "the same key twice", text: "keys: { openai: [{ key: a }, { key: a }] }", path: "keys.openai[1].key" },
    {
      why: "a fault at nobody",
      text: "timeline: [{ at: 0, fault: { provider: opnai, kind: outage } }]",
      path: "timeline[0].fault.provider",
      hint: "did you mean openai?",
    },
  ])("refuses $why", ({ text, path, hint }) => {
    const problems = problemsOf(
      `providers: { openai: { dialect: openai, latency: instant, models: { m: {} } } }\n${text}`,
    );
    expect(problems).toMatchObject([{ path, line: 2, ...(hint === undefined ? {} : { hint }) }]);
  });

  it.each([
    {
      why: "a name that cannot stand in a path",
      text: "Open/AI: { dialect: openai, latency: instant, models: { m: {} } }",
    },
    {
      why: "a model that would break out of JSON",
      text: 'x: { dialect: openai, latency: instant, models: { "a\\"b": {} } }',
    },
    { why: "a latency profile that is not there", text: "x: { dialect: openai, latency: instnt, models: { m: {} } }" },
    { why: "a provider without models", text: "x: { dialect: openai, latency: instant, models: {} }" },
  ])("refuses $why", ({ text }) => {
    expect(problemsOf(`providers: { ${text} }`)).toHaveLength(1);
  });
});

function problemsOf(text: string): readonly Problem[] {
  try {
    parseMockConfig(text, "mock.yaml");
  } catch (error) {
    if (error instanceof SquallError && error.code === "mock-config-invalid" && error.exitCode === 3)
      return error.problems;
    throw error;
  }
  throw new Error("the configuration was accepted");
}
