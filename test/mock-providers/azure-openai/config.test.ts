import { describe, expect, it } from "vitest";
import { SquallError } from "../../../core/errors.ts";
import { parseMockConfig } from "../../../mock-providers/config.ts";
import { configInWords } from "../../../mock-providers/config-words.ts";

const azure = (models: string, dialect = "azure-openai"): string =>
  `providers: { azure: { dialect: ${dialect}, latency: azure-openai-provisioned, models: { ${models} } } }`;

/** What is wrong with a configuration, as paths and messages. */
function problemsOf(text: string): readonly string[] {
  try {
    parseMockConfig(text, "mock.yaml");
    return [];
  } catch (error) {
    if (!(error instanceof SquallError)) throw error;
    return (error.problems ?? []).map(({ path, message }) => `${path} ${message}`);
  }
}

describe("provisioned deployments in a configuration", () => {
  it("are written with their number of units, and written back the same", () => {
    const config = parseMockConfig(azure("gpt-4o: { ptu: 50 }, gpt-4.1: { tpm: 30k }"), "mock.yaml");
    const [provisioned, standard] = config.providers[0]?.models ?? [];
    expect(provisioned).toMatchObject({ model: "gpt-4o", provisionedUnits: 50 });
    expect(standard).not.toHaveProperty("provisionedUnits");
    expect(parseMockConfig(JSON.stringify(configInWords(config)), "words")).toEqual(config);
  });

  it("need a dialect that sells units", () => {
    expect(problemsOf(azure("gpt-4o: { ptu: 50 }", "openai"))).toEqual([
      "providers.azure.models.gpt-4o.ptu is 50, but only azure-openai sells such units; the dialect of this provider is openai",
    ]);
  });

  it("need a model whose throughput per unit is published", () => {
    const [problem] = problemsOf(azure("gpt-6-sol: { ptu: 50 }"));
    expect(problem).toMatch(
      /^providers\.azure\.models\.gpt-6-sol\.ptu has no published throughput per PTU; allowed are gpt-5\.5, /,
    );
  });
});
