/** docs/mock.md, held to what is so. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseMockConfig } from "../../mock-providers/config.ts";
import { mockUnderTest } from "./mock-under-test.ts";

const guide = readFileSync(new URL("../../docs/mock.md", import.meta.url), "utf8");

describe("the guide to the mock", () => {
  it("shows a configuration that can be used", () => {
    const [, yaml] = /```yaml\n([^]*?)```/.exec(guide) ?? [];
    const { seed, providers, faults } = parseMockConfig(yaml ?? "", "mock.yaml");
    expect({ seed, names: providers.map(({ name }) => name), faults: faults.length }).toEqual({
      seed: 7,
      names: ["openai", "claude"],
      faults: 1,
    });
  });

  it("names control paths that answer", async () => {
    const { url } = await mockUnderTest();
    const paths = [...guide.matchAll(/^\| `GET`?[^`]*`?\s*(?:, `[^`]*`)*[^|]*\|/gm)].flatMap(
      ([row]) => row.match(/\/[\w/]+/g) ?? [],
    );
    expect(paths.length).toBeGreaterThanOrEqual(8);
    for (const path of paths) expect([path, (await fetch(url + path)).status]).toEqual([path, 200]);
  });

  it("shows a fault that the control API takes", async () => {
    const { control } = await mockUnderTest();
    const [, body] = /_squall\/faults -d '([^']*)'/.exec(guide) ?? [];
    expect((await control("POST", "faults", body)).status).toBe(201);
  });
});
