/** Every example of the guides to deployment, traffic and resilience is a part of a scenario that can be used. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { parseScenario } from "../../../core/scenario/parse.ts";

const docs = path.resolve(import.meta.dirname, "../../../docs");

const plain: Record<string, unknown> = {
  scenario: "guide",
  traffic: { arrivals: [{ for: "20m", rate: "1/s" }] },
  providers: { openai: { dialect: "openai", latency: "instant", models: { "gpt-4o-mini": {} } } },
};

/** What a scenario needs beside its traffic; a trace has lengths of its own. */
function completed(example: Record<string, unknown>): Record<string, unknown> {
  const scenario = { ...plain, ...example };
  const traffic = scenario["traffic"] as Record<string, unknown>;
  const lengths = "trace" in traffic ? {} : { input: 100, output: 10 };
  const requests = [{ model: "gpt-4o-mini", ...lengths }];
  return { ...scenario, traffic: { requests, ...traffic } };
}

function examples(file: string): readonly string[] {
  const text = readFileSync(path.join(docs, file), "utf8");
  return [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
}

describe.each(["deployment.md", "traffic.md", "resilience.md"])("docs/%s", (file) => {
  it("has examples", () => {
    expect(examples(file).length).toBeGreaterThan(4);
  });

  it.each(examples(file))("can be used: %s", (example) => {
    expect(() => parseScenario(stringify(completed(parse(example))), "guide.yaml")).not.toThrow();
  });
});
