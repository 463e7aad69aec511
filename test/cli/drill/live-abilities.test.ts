import { describe, expect, it } from "vitest";
import { notDoneLive } from "../../../cli/drill/live-abilities.ts";
import { parseScenario } from "../../../core/scenario/parse.ts";
import type { GatewayDriver } from "../../../gateways/driver.ts";
import { parseRunbook } from "../../../runbooks/engine/parse.ts";

const scenarioWith = (platform: string): ReturnType<typeof parseScenario> =>
  parseScenario(
    `scenario: made
traffic: { arrivals: [{ for: 1s, rate: 1/s }], requests: [{ model: small, input: 1, output: 1 }] }
providers:
  openai: { dialect: openai, models: { small: {}, large: {} }, latency: instant }
platform: { gateway: portkey, replicas: { start: 2, max: 4 }, routes: { small: openai, large: openai }${platform} }
objectives: { errors: 0 }
`,
    "made.yaml",
  );

const runbookWith = (hidden: string, action: string, undo: string): ReturnType<typeof parseRunbook> =>
  parseRunbook(
    `---
id: made
title: Made
severity: SEV3
owner: somebody
services: [gateway]
blast-radius: [scale, switch-model, rollout, rollback, cache-loss, cap-tenant]
drill: { scenario: made.yaml, hidden: [${hidden}] }
---

# Made

## Contain

\`\`\`squall
id: act
action: ${action}
undo: ${undo}
\`\`\`

\`\`\`squall
exit: errors < 1%
within: 1m
\`\`\`
`,
    "made.md",
  );

type Driver = Parameters<typeof notDoneLive>[2];
const able: Driver = { name: "portkey", isBreakable: true, isRoutedPerRequest: true };
const plain: Driver = { name: "litellm" } satisfies Pick<GatewayDriver, "name">;
const outage = "{ at: 1m, fault: { provider: openai, kind: outage } }";
const harmless = ["cap tenant default at $1/h", "lift the cap of tenant default"] as const;

describe("what cannot be done live", () => {
  it.each([
    ["{ at: 1m, event: { broken: 1 } }", ...harmless],
    ["{ at: 1m, event: { rollout: v2, errors: 30% } }", "roll back", "none, because it is over"],
    [outage, "switch 10% of small to large", "switch small back"],
    [outage, "scale to 4", "scale to 2"],
  ])("is nothing of what this gateway and this machine can do: %s, %s", (hidden, action, undo) => {
    expect(notDoneLive(runbookWith(hidden, action, undo), scenarioWith(""), able)).toEqual([]);
  });

  it.each([
    ["{ at: 1m, event: { broken: 1 } }", ...harmless, /line 1: "cut 1 replica off .*litellm cannot be broken/],
    ["{ at: 1m, event: { rollout: v2, errors: 30% } }", ...harmless, /line 1: "roll out v2.*cannot be broken/],
    [
      outage,
      "switch 10% of small to large",
      "switch small back",
      /line 15: "switch 10 % .*reads its routes when it starts/,
    ],
    [outage, "switch small back", "switch 10% of small to large", /line 15: "switch 10 % .*reads its routes/],
  ])("is told with its line where a gateway cannot do it: %s, %s", (hidden, action, undo, told) => {
    const problems = notDoneLive(runbookWith(hidden, action, undo), scenarioWith(""), plain);
    expect(problems.map(({ line, message }) => `line ${line}: ${message}`)).toEqual([expect.stringMatching(told)]);
  });

  it.each([
    ["{ at: 1m, event: { rollout: v2, slowdown: 2 } }", ...harmless, /it is no slower/],
    ["{ at: 1m, event: { node-loss: 1, region: eu } }", ...harmless, /in no region/],
    [outage, "scale to 5", "scale to 2", /room for 4 replicas/],
    [outage, "clear the cache", "none, because it fills again", /keeps no answers/],
  ])("is told where no process can do it: %s, %s", (hidden, action, undo, told) => {
    const problems = notDoneLive(runbookWith(hidden, action, undo), scenarioWith(""), able);
    expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(told)]);
  });

  it("is all of it where there is no fleet to act on", () => {
    const runbook = runbookWith(outage, ...harmless);
    const [problem, ...others] = notDoneLive(runbook, scenarioWith(""), { name: "url" });
    expect([problem?.message, others]).toEqual([expect.stringContaining("needs a fleet of the gateway"), []]);
  });
});
