import { expect, it } from "vitest";
import { parseMockConfig } from "../../mock-providers/config.ts";
import { configInWords } from "../../mock-providers/config-words.ts";

const text = `
providers:
  vllm: { dialect: openai, latency: { self-hosted: vllm-llama-3.1-8b-h100 }, models: { llama: {} } }
`;

it("a mock serves an engine, and says so in its configuration", () => {
  const config = parseMockConfig(text, "mock.yaml");
  expect(config.providers[0]?.models[0]?.latency).toEqual({ engine: { name: "vllm-llama-3.1-8b-h100", changes: {} } });
  expect(parseMockConfig(JSON.stringify(configInWords(config)), "again")).toEqual(config);
});

it("a change of configuration cannot name a file", () => {
  const withFile = text.replace("self-hosted: vllm-llama-3.1-8b-h100", "file: mine.yaml");
  expect(() => parseMockConfig(withFile, "mock.yaml")).toThrow(/no usable configuration/);
  expect(parseMockConfig(withFile, "mock.yaml", "read-by-caller").providers).toHaveLength(1);
});
