/** docs/latency.md: its table lists what there is, and its examples are right. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { engineNames, engineSpec } from "../../../behavior/latency/batching/engines.ts";
import { latencyProfileNames, latencyProfiles } from "../../../behavior/latency/profiles.ts";
import { parseLatencyProfile } from "../../../core/scenario/latency-profile-schema.ts";
import { latencySchema } from "../../../core/scenario/latency-schema.ts";

const text = readFileSync(path.resolve(import.meta.dirname, "../../../docs/latency.md"), "utf8");

describe("docs/latency.md", () => {
  it("lists every profile and every engine, with its status and its source", () => {
    const rows = [...Object.values(latencyProfiles), ...engineNames.map(engineSpec)].map(
      ({ name, title, status, source }) => `| \`${name}\` | ${title} | ${status} | ${source} |`,
    );
    expect(rows).toHaveLength(latencyProfileNames.length + engineNames.length);
    expect(text.split("\n").filter((line) => line.startsWith("| `"))).toEqual(rows);
  });

  it("has examples that Squall reads", () => {
    const examples = [...text.matchAll(/^```yaml\n([\s\S]+?)^```$/gm)].map(([, example]) => example ?? "");
    expect(examples.length).toBe(2);
    for (const example of examples) {
      if (example.startsWith("latency-profile:")) {
        expect(() => parseLatencyProfile(example, "docs/latency.md")).not.toThrow();
        continue;
      }
      for (const line of example.trim().split("\n")) {
        const { latency } = parse(line) as { readonly latency: unknown };
        expect(latencySchema.safeParse(latency), line).toMatchObject({ success: true });
      }
    }
  });
});
