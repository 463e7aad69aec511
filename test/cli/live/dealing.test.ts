import { describe, expect, it } from "vitest";
import { dealingOf, targetOf } from "../../../cli/live/dealing.ts";
import { LiveRoutes } from "../../../cli/live/routes.ts";
import { parseScenario } from "../../../core/scenario/parse.ts";
import type { Scenario } from "../../../core/scenario/scenario.ts";
import type { GatewayPolicy, UpstreamProvider } from "../../../gateways/driver.ts";

function scenarioWith(routing: string): Scenario {
  return parseScenario(
    `
scenario: dealt
seed: 4
traffic:
  users: { count: 1, sessions: 1 }
  requests: [{ model: gpt-4o-mini, input: 1, output: 1 }]
providers:
  east: { dialect: openai, models: { gpt-4o-mini: {} }, latency: instant }
  west: { dialect: openai, models: { gpt-4o-mini: {} }, latency: instant }
platform:
  gateway: portkey
  routes: { gpt-4o-mini: [east, west] }
  routing: ${routing}
  live: { headers: { x-team: checkout } }
`,
    "dealt.yaml",
  );
}

const upstream = (name: string): UpstreamProvider => ({
  name,
  dialect: "openai",
  baseUrl: `http://${name}`,
  apiKey: name,
});
const routes = [{ model: "gpt-4o-mini", providers: [upstream("east"), upstream("west")] }];
const halves = "{ by: weighted, weights: { east: 50%, west: 50% } }";
const model = "gpt-4o-mini";

describe("providers that share a model's traffic live", () => {
  it("are each the first of a route of its own, and all send the model by its own name", () => {
    const dealt = dealingOf(scenarioWith(halves))?.routes(routes) ?? [];
    expect(dealt.map((route) => [route.model, route.providers.map(({ name }) => name)])).toEqual([
      ["gpt-4o-mini", ["east", "west"]],
      ["gpt-4o-mini~2", ["west", "east"]],
    ]);
    expect(new Set(dealt.flatMap(({ providers }) => providers.map((each) => each.model)))).toEqual(new Set([model]));
  });

  it("keep a conversation together, unless the scenario says that nothing is kept", () => {
    const routesOf = (routing: string): ReadonlySet<string | undefined>[] => {
      const dealing = dealingOf(scenarioWith(routing));
      return ["u1.s0", "u2.s0", "u3.s0", "u4.s0", "u5.s0", "u6.s0"].map((session) => {
        const keys = Array.from({ length: 8 }, (_, turn) => `${session}.t${turn}`);
        return new Set(keys.map((key) => dealing?.routeOf({ model, session, key })));
      });
    };
    const kept = routesOf(halves);
    expect(kept.every((names) => names.size === 1)).toBe(true);
    expect(new Set(kept.flatMap((names) => [...names])).size).toBe(2);
    expect(
      routesOf("{ by: weighted, weights: { east: 50%, west: 50% }, affinity: none }").every(
        (names) => names.size === 2,
      ),
    ).toBe(true);
  });

  it("keep their routes, and the model's name, when a key is changed or the model goes elsewhere", () => {
    const dealt = dealingOf(scenarioWith(halves))?.routes(routes) ?? [];
    const policy: GatewayPolicy = { routes: dealt, retries: 0, retryOn: [], requestTimeoutMs: undefined };
    const live = new LiveRoutes(policy, upstream);
    live.changeKey("west", "new");
    const second = live.policy().routes.find((route) => route.model === "gpt-4o-mini~2");
    expect(second?.providers.map((each) => [each.name, each.model, each.apiKey])).toEqual([
      ["west", model, "new"],
      ["east", model, "east"],
    ]);
    live.reroute(model, ["east"]);
    expect(live.policy().routes.map(({ providers }) => providers.map(({ name }) => name))).toEqual([
      ["east"],
      ["east"],
    ]);
  });
});

describe("where the requests of a live run go", () => {
  it("is the gateway, with the headers that the scenario has its clients send, but not in place of the gateway's own", () => {
    const call = () => ({ url: "http://127.0.0.1:1/v1", headers: { "x-own": "1" } });
    const target = targetOf(scenarioWith("{ by: order }"), { call });
    expect(target.call(model).headers).toEqual({ "x-team": "checkout", "x-own": "1" });
    expect(target.routeOf).toBeUndefined();
  });
});
