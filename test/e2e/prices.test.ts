/** Prices from a file in LiteLLM's format: checked, printed, and charged. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { freshFolder, squall } from "./squall-process.ts";

/** A price file and a scenario, for one test. */
function files(): { readonly prices: string; readonly scenario: string } {
  const folder = freshFolder();
  const prices = path.join(folder, "prices.json");
  const scenario = path.join(folder, "scenario.yaml");
  const listed = {
    "gpt-4o": { input_cost_per_token: 1e-6, output_cost_per_token: 0 },
    free: { litellm_provider: "somebody" },
  };
  writeFileSync(prices, JSON.stringify(listed));
  writeFileSync(
    scenario,
    `
scenario: priced
traffic:
  arrivals: [{ rate: 2/s, for: 20s }]
  requests: [{ model: gpt-4o, input: 1000, output: 10 }]
providers: { a: { dialect: openai, latency: instant, models: { gpt-4o: {} } } }
platform: { gateway: direct }
`,
  );
  return { prices, scenario };
}

describe("squall import prices", () => {
  it("says how many models have a price, and how many are listed without one", async () => {
    const { code, stdout } = await squall(["import", "prices", files().prices]);
    expect(code).toBe(0);
    expect(stdout).toContain("1 model with a price; 1 model listed without a price");
  });

  it("prints a section that a scenario takes", async () => {
    const { stdout } = await squall(["import", "prices", files().prices, "--models", "gpt-4o"]);
    expect(parse(stdout)).toMatchObject({ prices: { "gpt-4o": { input: "$1/M", output: "0" } } });
  });

  it("refuses a model that the file does not price, with the nearest that it does", async () => {
    const { code, stderr } = await squall(["import", "prices", files().prices, "--models", "gpt-40"]);
    expect(code).toBe(3);
    expect(stderr).toContain("did you mean gpt-4o?");
  });
});

describe("squall simulate --prices", () => {
  it("charges by the file, and names it in the report", async () => {
    const { prices, scenario } = files();
    const { stdout } = await squall(["simulate", scenario, "--prices", prices, "--json"]);
    const { run } = JSON.parse(stdout) as {
      readonly run: {
        readonly prices: string;
        readonly providers: readonly { readonly cost: number; readonly served: number }[];
      };
    };
    const [ledger] = run.providers;
    expect(ledger?.served).toBeGreaterThan(0);
    expect(ledger?.cost).toBe((ledger?.served ?? 0) * 1_000_000);
    expect(run.prices).toMatch(/^genai-prices .*; litellm prices.json for gpt-4o$/);
  });
});
