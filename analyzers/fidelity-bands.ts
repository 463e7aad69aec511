/**
 * How far a simulation is from the live run where the gateway had little to do, and where it had much: errors that only a
 * busy gateway makes hide in the average of a load that comes and goes.
 */
import type { GatewayProfile } from "../behavior/gateway-profile.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Run } from "../core/run.ts";
import type { Ms } from "../core/time.ts";
import { gatewayLoad } from "./gateway-load.ts";
import { latencyNames, latencyOf } from "./latency.ts";
import { summarize } from "./percentile.ts";

/** Bands of a gateway's load, as shares; the fidelity page plays its cases at their ends. */
const bands: readonly (readonly [from: number, to: number, inWords: string])[] = [
  [0, 0.3, "below 30 %"],
  [0.3, 0.6, "30 to 60 %"],
  [0.6, 0.85, "60 to 85 %"],
  [0.85, Number.POSITIVE_INFINITY, "85 % or more"],
];

/** With fewer requests a mean says nothing. */
const requestsMin = 20;

export interface BandFigure {
  /** `load.60.ttft.mean`: from 60 % on. */
  readonly metric: string;
  readonly title: string;
  readonly live: Ms;
  readonly simulated: Ms;
}

/** A request that both runs answered. */
export interface Match {
  readonly live: RequestRecord;
  readonly simulated: RequestRecord;
}

/** Mean time to first token and end to end in each band; nothing where the load never left one band. */
export function bandFigures(live: Run, matched: readonly Match[], profile: GatewayProfile): readonly BandFigure[] {
  const loadAt = gatewayLoad(live, profile);
  const loads = matched.map((match) => loadAt(match.live.sentMs));
  const filled = bands
    .map(([from, to, inWords]) => {
      const within = matched.filter((_, index) => from <= (loads[index] ?? 0) && (loads[index] ?? 0) < to);
      return { from, inWords, within };
    })
    .filter(({ within }) => within.length >= requestsMin);
  if (filled.length < 2) return [];
  return filled.flatMap(({ from, inWords, within }) =>
    (["ttft", "e2e"] as const).flatMap((kind) => {
      const meanOf = (side: keyof Match): Ms | undefined =>
        summarize(within.flatMap((match) => latencyOf(match[side], kind) ?? []))?.mean;
      const [there, expected] = [meanOf("live"), meanOf("simulated")];
      if (there === undefined || expected === undefined) return [];
      const metric = `load.${Math.round(from * 100)}.${kind}.mean`;
      const title = `${latencyNames[kind]}, mean, gateway's load ${inWords}`;
      return [{ metric, title, live: there, simulated: expected }];
    }),
  );
}
