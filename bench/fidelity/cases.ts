/**
 * What is played to find out how far simulations are from live runs: each gateway, under each kind of trouble, at each load.
 *
 * A load is a share of what one process of the gateway can do by its profile: its CPU for the mean request when it is busy. In a
 * ramp and in a spike it is the load at the top. Of two replicas of which one is lost, it is that of the one that is left,
 * since two busy ones, with clients and providers beside them, would want more than two cores.
 */
import { gatewayWorkMs } from "../../analyzers/gateway-load.ts";
import { gatewayProfile } from "../../behavior/gateway-profiles/profiles.ts";
import { secondMs } from "../../core/time.ts";

export const shapes = ["steady", "ramp", "spike", "storm", "outage", "replica-loss"] as const;
export type Shape = (typeof shapes)[number];

export const shapesInWords: Readonly<Record<Shape, string>> = {
  steady: "steady",
  ramp: "ramp",
  spike: "spike",
  storm: "429 storm",
  outage: "outage, fallback",
  "replica-loss": "replica loss",
};

/** One point of the matrix. */
export interface Case {
  /** `portkey-steady-60`. */
  readonly name: string;
  readonly gateway: string;
  readonly shape: Shape;
  /** Share of what the gateway can do. */
  readonly load: number;
}

const gateways = ["portkey", "litellm"];
const loads = [0.3, 0.6, 0.85];

/** In an order in which a part of them says most. */
export const matrix: readonly Case[] = loads.flatMap((load) =>
  shapes.flatMap((shape) =>
    gateways.map((gateway) => ({ name: `${gateway}-${shape}-${Math.round(load * 100)}`, gateway, shape, load })),
  ),
);

/** Tokens of an answer: median and 95th percentile, and the mean of the lognormal distribution through both. */
const answer = { median: 24, p95: 48, mean: 26.2 };

/** Requests a second that keep one process of a gateway busy all the time; an answer comes in a chunk for each token. */
export function capacityPerSecond(gateway: string): number {
  const workMs = gatewayWorkMs(gatewayProfile(gateway), answer.mean).reduce((sum, part) => sum + part, 0);
  return secondMs / workMs;
}

/** A scenario file that loads the gateway for so many seconds. */
export function scenarioOf({ name, gateway, shape, load }: Case, seconds: number, seed: number): string {
  const rate = load * capacityPerSecond(gateway);
  const { arrivals, platform = [], timeline = [], spare = false } = partsOf(shape, rate, seconds);
  const provider = (scale: number): string =>
    `{ dialect: openai, models: { gpt-4o-mini: {} }, latency: { profile: openai-gpt-4o-mini, scale: ${scale} } }`;
  return [
    `scenario: ${name}`,
    `seed: ${seed}`,
    "traffic:",
    "  arrivals:",
    ...arrivals.map((segment) => `    - { ${segment} }`),
    "  requests:",
    `    - { model: gpt-4o-mini, stream: true, input: { median: 120, p95: 300 }, output: { median: ${answer.median}, p95: ${answer.p95} } }`,
    "  clients: { timeout: 30s }",
    "  warmup: 10",
    "providers:",
    `  main: ${provider(0.4)}`,
    ...(spare ? [`  spare: ${provider(0.6)}`] : []),
    "platform:",
    `  gateway: ${gateway}`,
    ...platform.map((line) => `  ${line}`),
    ...(timeline.length === 0 ? [] : ["timeline:", ...timeline.map((line) => `  - { ${line} }`)]),
    "objectives:",
    "  e2e.p99: < 60s", // nobody asks: the comparison is what counts
    "",
  ].join("\n");
}

interface Parts {
  /** Segments of arrivals. */
  readonly arrivals: readonly string[];
  readonly platform?: readonly string[];
  readonly timeline?: readonly string[];
  /** Whether there is a second provider. */
  readonly spare?: boolean;
}

/** Trouble begins after a third of the time and lasts for a quarter of it. */
function partsOf(shape: Shape, perSecond: number, seconds: number): Parts {
  const rate = (share: number): string => `${(perSecond * share).toFixed(2)}/s`;
  const lasting = (share: number): string => `${Math.round(seconds * share * secondMs)}ms`;
  const steady = [`for: ${lasting(1)}, rate: ${rate(1)}`];
  const trouble = `at: ${lasting(1 / 3)}, for: ${lasting(1 / 4)}`;
  switch (shape) {
    case "steady":
      return { arrivals: steady };
    case "ramp":
      return { arrivals: [`for: ${lasting(1)}, ramp: ${rate(0.1)} .. ${rate(1)}`] };
    case "spike":
      return {
        arrivals: [
          `for: ${lasting(1 / 3)}, rate: ${rate(1 / 3)}`,
          `for: ${lasting(1 / 4)}, rate: ${rate(1)}`,
          `for: ${lasting(5 / 12)}, rate: ${rate(1 / 3)}`,
        ],
      };
    case "storm":
      return {
        arrivals: steady,
        platform: ["retries: { max: 1, on: [429, 5xx] }"],
        timeline: [`${trouble}, fault: { provider: main, kind: rate-limit-storm, share: 50% }`],
      };
    case "outage":
      return {
        arrivals: steady,
        platform: ["routes: { gpt-4o-mini: [main, spare] }", "retries: { max: 1, on: [429, 5xx] }"],
        timeline: [`${trouble}, fault: { provider: main, kind: outage, status: 503 }`],
        spare: true,
      };
    case "replica-loss":
      return {
        arrivals: steady,
        platform: ["replicas: { start: 2, max: 2 }", "balance: { by: round-robin }"],
        timeline: [`at: ${lasting(1 / 3)}, event: { node-loss: 1, replaced-after: 1h }`],
      };
  }
}
