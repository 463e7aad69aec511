import { describe, expect, it } from "vitest";
import { eventSchema } from "../../../core/scenario/event-schema.ts";
import { parseScenario } from "../../../core/scenario/parse.ts";

const problem = (written: unknown): string | undefined => eventSchema.safeParse(written).error?.issues[0]?.message;

describe("an event", () => {
  it.each([
    [
      { rollout: "v2", errors: "3%" },
      { kind: "rollout", version: "v2", surge: 1, unavailable: 0, errorShare: 0.03, slowdown: 1 },
    ],
    [{ scale: 0 }, { kind: "scale", replicas: 0 }],
    [{ rollback: true }, { kind: "rollback" }],
    [{ "node-loss": 2 }, { kind: "node-loss", replicas: 2, replacedAfterMs: 0 }],
    [
      { "link-slow": "azure", by: "50ms" },
      { kind: "link-slow", provider: "azure", addedMs: 50 },
    ],
    [
      { route: "m", to: ["a", "b"] },
      { kind: "route", model: "m", providers: ["a", "b"] },
    ],
    [
      { "rotate-key": "azure", gap: "2s" },
      { kind: "rotate-key", provider: "azure", gapMs: 2_000 },
    ],
    [{ gateway: "off" }, { kind: "admit", requests: false }],
    [{ drain: 1 }, { kind: "drain", replicas: 1 }],
    [
      { cap: "marketing", "per-hour": "$5" },
      { kind: "cap-tenant", tenant: "marketing", perHour: 5_000_000_000 },
    ],
    [{ cap: "marketing" }, { kind: "cap-tenant", tenant: "marketing", perHour: null }],
    [
      { switch: "gpt-4o", model: "gpt-4o-mini" },
      { kind: "switch-model", model: "gpt-4o", to: "gpt-4o-mini" },
    ],
  ])("written as %j is understood", (written, action) => {
    expect(eventSchema.parse(written)).toEqual(action);
  });

  it.each([
    [{ surge: 1 }, /^does not say what happens; needed is exactly one of scale, rollout, /],
    [{ scale: 3, rollback: true }, /^has scale and rollback; needed is exactly one of /],
    [{ scale: 3, surge: 1 }, /^has surge, which means nothing beside scale; allowed is nothing$/],
    [{ "link-slow": "azure" }, /^has link-slow without by$/],
    [{ rollout: "v2", surge: 0 }, /neither surge nor unavailable; it could never replace a copy$/],
  ])("written as %j is refused in words", (written, words) => {
    expect(problem(written)).toMatch(words);
  });
});

describe("a timeline", () => {
  const scenario = (timeline: string, platform = ""): string => `
scenario: told
traffic: { arrivals: [{ for: 10m, rate: 1/s }], requests: [{ model: m, input: 10, output: 10 }] }
providers: { p: { dialect: openai, latency: instant, models: { m: {} } } }
${platform}
timeline: ${timeline}
`;

  it("keeps faults of providers and events of the platform apart", () => {
    const { timeline, events } = parseScenario(
      scenario("[{ at: 1m, fault: { provider: p, kind: outage } }, { at: 2m, event: { rollback: true }, for: 1m }]"),
      "told.yaml",
    );
    expect(timeline.map(({ atMs }) => atMs)).toEqual([60_000]);
    expect(events).toEqual([{ atMs: 120_000, forMs: 60_000, action: { kind: "rollback" } }]);
  });

  it.each([
    ["[{ at: 1m }]", "", "has neither fault nor event; needed is one of them"],
    ["[{ at: 1m, event: { link-down: q } }]", "", 'is "q", which is no provider; known are p'],
    ["[{ at: 1m, event: { rollback: true } }]", "platform: { links: { q: {} } }", 'is "q", which is no provider'],
    [
      "[{ at: 1m, event: { rollback: true } }]",
      "platform: { regions: { eu: { clients: 50%, replicas: 100% } } }",
      "has clients that do not add up to 100%",
    ],
    [
      "[{ at: 1m, event: { rollback: true } }]",
      "platform: { balance: { by: round-robin, affinity: session } }",
      "is round-robin, which knows no conversations",
    ],
  ])("%s %s is refused: %s", (timeline, platform, words) => {
    const problems = (): string => {
      try {
        parseScenario(scenario(timeline, platform), "told.yaml");
      } catch (error) {
        return JSON.stringify(error, ["problems", "message"]).replaceAll('\\"', '"');
      }
      return "";
    };
    expect(problems()).toContain(words);
  });
});
