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

  it("shows tenants and regions that are told apart", async () => {
    const [, yaml = ""] = /Several tenants[^]*?```yaml\n([^]*?)```/.exec(guide) ?? [];
    // A time so slow that nothing is refilled.
    const config = { ...parseMockConfig(yaml, "mock.yaml"), latencyScale: 0, timeScale: 0.000_1 };
    const { url, control } = await mockUnderTest(config);
    const body = JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hi" }] });
    const ask = async (key: string): Promise<Response> =>
      await fetch(`${url}/openai/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}` },
        body,
      });
    const statuses: number[] = [];
    for (let index = 0; index < 4; index++) statuses.push((await ask("sk-web")).status);
    const refused = await ask("sk-web");
    expect([...statuses, refused.status]).toEqual([200, 200, 200, 200, 429]);
    expect(await refused.text()).toContain("in project web on requests");
    const [batch, other] = [await ask("sk-batch"), await ask("sk-other")];
    // One organization shares its 500 requests, and OpenAI counts refused ones; another has its own.
    expect(batch.headers.get("x-ratelimit-remaining-requests")).toBe("494");
    expect(other.headers.get("x-ratelimit-remaining-requests")).toBe("499");
    await control("POST", "faults", { fault: { region: "westus", kind: "region-down" } });
    const inRegion = async (name: string): Promise<number> =>
      (
        await fetch(`${url}/${name}/openai/v1/chat/completions`, {
          method: "POST",
          headers: { "api-key": `sk-squall-${name}` },
          body: body.replace("gpt-4o-mini", "gpt-4o"),
        }).catch(() => ({ status: 0 }))
      ).status;
    expect(await inRegion("east")).toBe(200);
    expect(await inRegion("west")).not.toBe(200);
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
