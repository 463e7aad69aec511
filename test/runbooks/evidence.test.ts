/** What a condition sees in a world, and for how long it has to. */
import { describe, expect, it } from "vitest";
import { parseCondition } from "../../runbooks/engine/conditions.ts";
import { compares, look } from "../../runbooks/engine/evidence.ts";
import { Outputs } from "../../runbooks/engine/outputs.ts";
import { executeRunbook } from "../../runbooks/engine/execute.ts";
import { createJournal } from "../../runbooks/engine/journal.ts";
import { parseRunbook } from "../../runbooks/engine/parse.ts";
import type { World } from "../../runbooks/engine/world.ts";
import { drill, runbookOf, text } from "./scripted-drill.ts";
import { scriptedResponder, scriptedWorld } from "./scripted-world.ts";

const world: World = {
  ...scriptedWorld(),
  nowMs: () => 10_000_000,
  measure: async (metric) => (metric === "errors" ? 0.02 : undefined),
  alerts: async () => [{ alert: "Fires", severity: "critical", sinceMs: 0 }],
  probe: async (provider) =>
    provider === "up" ? { answers: true, tookMs: 500, detail: "200" } : { answers: false, detail: "503" },
  deployments: async () => [{ atMs: 9_000_000, version: "v2" }],
};

describe("a condition", () => {
  it.each([
    ["errors < 3%", true, "errors 2 %"],
    ["errors < 2%", false, "errors 2 %"],
    ["ttft.p95 < 1h", false, "ttft.p95: nothing measured"],
    ["ttft.p95 > 0s", false, "ttft.p95: nothing measured"],
    ["alert Fires fires", true, "alert Fires fires"],
    ["alert Fires is silent", false, "alert Fires fires"],
    ["alert Other is silent", true, "alert Other is silent"],
    ["provider up answers", true, "provider up answers (200)"],
    ["provider up answers within 500ms", true, "provider up answers (200)"],
    ["provider up answers within 499ms", false, "provider up fails (200)"],
    ["provider down fails", true, "provider down fails (503)"],
    ["provider down answers within 1h", false, "provider down fails (503)"],
    ["a deployment within 17m", true, "v2 16 m 40 s ago"],
    ["a deployment within 16m", false, "v2 16 m 40 s ago"],
    ["no deployment within 16m", true, "v2 16 m 40 s ago"],
    ["errors < 3% and provider up answers", true, "errors 2 %; provider up answers (200)"],
    ["errors < 3% and provider down answers", false, "errors 2 %; provider down fails (503)"],
  ])("%s: %s, for it sees %s", async (sentence, holds, seen) => {
    const read = parseCondition(sentence);
    if (!read.ok) throw new Error(read.message);
    expect(await look(read.condition, world, new Outputs([]))).toMatchObject({ holds, seen });
  });

  it.each([
    ["<", false],
    ["<=", true],
    ["==", true],
    [">=", true],
    [">", false],
  ] as const)("that compares with %s holds at its limit: %s", (comparison, holds) => {
    expect(compares(5, { comparison, limit: 5 })).toBe(holds);
    expect(compares(4, { comparison, limit: 5 })).toBe(comparison.startsWith("<"));
    expect(compares(6, { comparison, limit: 5 })).toBe(comparison.startsWith(">"));
  });
});

describe("in time", () => {
  it("a check holds all the while that it is to hold", async () => {
    const check = (forMs: string): string => runbookOf([`id: calm\ncheck: errors < 1% for ${forMs}`]);
    // The outage begins at 3:00.
    const held = await drill({ runbook: check("2m") });
    expect([
      held.result.status,
      held.journal.entries().find(({ step, kind }) => step === "calm" && kind === "step-holds")?.atMs,
    ]).toEqual(["completed", 120_000]);
    expect((await drill({ runbook: check("4m") })).result.why).toBe("does not hold: errors 50 %");
  });

  it("a wait begins to count anew whenever its condition does not hold", async () => {
    const runbook = runbookOf(["id: calm\nwait: errors < 1% for 4m\nwithin: 30m"]);
    const { journal } = await drill({ runbook });
    const held = journal.entries().find(({ step, kind }) => step === "calm" && kind === "step-holds");
    // Well until 3:00 and again from 13:00 on.
    expect(held?.atMs).toBe(780_000 + 240_000);
  });

  it("a wait fails once its time is over", async () => {
    const { result, journal } = await drill({ runbook: runbookOf(["id: bad\nwait: errors > 60%\nwithin: 90s"]) });
    expect(result.why).toBe("did not come to hold within 1 m 30 s: errors 0 %");
    expect(journal.entries().find(({ kind }) => kind === "step-fails")?.atMs).toBe(90_000);
  });
});

it("an error of the world's own is told, after everything was taken back", async () => {
  const broken = scriptedWorld({ onAct: () => undefined });
  const journal = createJournal({ nowMs: broken.nowMs, wallTime: broken.wallTime, append: async () => undefined });
  const probe: World["probe"] = async (provider) => {
    if (broken.acts.length > 0) throw new TypeError("the probe is broken");
    return await scriptedWorld()
      .probe(provider)
      .then((result) => ({ ...result, answers: provider !== "azure" }));
  };
  const played = executeRunbook({
    runbook: parseRunbook(text, "x.md"),
    world: { ...broken, probe },
    responder: scriptedResponder(),
    journal,
    mode: "drill",
    allowed: new Map(),
    signal: new AbortController().signal,
  });
  await expect(played).rejects.toThrow("the probe is broken");
  expect(broken.routes.get("gpt-4o-mini")).toEqual(["azure", "openai"]);
  expect(journal.entries().at(-1)).toMatchObject({ kind: "drill-ends", data: { status: "failed" } });
});
