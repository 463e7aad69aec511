/**
 * What the load asks of a fleet, counted as it arrives, whether or not there is anybody to serve it: the truth that scaling
 * is measured against.
 *
 * Bins of fixed width, as many as a chart and an analyzer need; when a run outgrows them, two become one.
 */
import type { GatewayProfile } from "../behavior/gateway-profile.ts";
import type { PlannedRequest } from "../behavior/workload.ts";
import type { DemandBin } from "../core/run.ts";
import { type Ms, secondMs } from "../core/time.ts";

/** Bins start this wide and double whenever there would be more than `binsMax`: two hours at 5 s, a day at 80 s. */
const widthStartMs: Ms = 5 * secondMs;
const binsMax = 1_440;

/** What one request holds of a replica while it is on its way: a place among so many. */
export interface PlaceUse {
  readonly heldMs: Ms;
  readonly placesPerReplica: number;
}

/**
 * What a request takes of an event loop that is at work without a pause and not yet behind: answered at the first try, one
 * chunk for each token, each chunk read by itself. A loop that is behind reads several at once and so carries more.
 */
export function cpuOfRequest(profile: GatewayProfile, { stream, outputTokens }: DemandedAnswer): Ms {
  const { requestCpuMs, chunkCpuMs, endCpuMs, streamCpuMs, busyRequestShare, busyChunkShare } = profile;
  const streamMs = stream ? streamCpuMs * busyRequestShare + outputTokens * chunkCpuMs * busyChunkShare : 0;
  return (requestCpuMs + endCpuMs) * busyRequestShare + streamMs;
}

type DemandedAnswer = Pick<PlannedRequest, "stream" | "outputTokens">;

export class Demand {
  #widthMs: Ms = widthStartMs;
  #bins: { arrived: number; cpuMs: Ms }[] = [];
  #arrived = 0;

  /** Requests so far. */
  get arrived(): number {
    return this.#arrived;
  }

  /** A request that will take this much of an event loop. */
  arrives(nowMs: Ms, cpuMs: Ms): void {
    this.#arrived += 1;
    const bin = this.#binAt(nowMs);
    bin.arrived += 1;
    bin.cpuMs += cpuMs;
  }

  /** Bins up to `endMs`. Where replicas have so many places, the scarcer of places and computing time counts. */
  bins(endMs: Ms, place: PlaceUse | undefined): readonly DemandBin[] {
    this.#binAt(endMs);
    return this.#bins.slice(0, Math.ceil(endMs / this.#widthMs)).map(({ arrived, cpuMs }, index) => {
      const startMs = index * this.#widthMs;
      const placeMs = place === undefined ? 0 : (arrived * place.heldMs) / place.placesPerReplica;
      const replicas = Math.max(cpuMs, placeMs) / Math.min(this.#widthMs, endMs - startMs);
      return { startMs, widthMs: this.#widthMs, arrived, replicas };
    });
  }

  #binAt(nowMs: Ms): { arrived: number; cpuMs: Ms } {
    while (nowMs >= this.#widthMs * binsMax) {
      this.#bins = merged(this.#bins);
      this.#widthMs *= 2;
    }
    const index = Math.floor(nowMs / this.#widthMs);
    while (this.#bins.length <= index) this.#bins.push({ arrived: 0, cpuMs: 0 });
    return this.#bins[index] ?? { arrived: 0, cpuMs: 0 };
  }
}

/** Neighbours become one: 0 and 1, 2 and 3, ... */
function merged(bins: readonly { readonly arrived: number; readonly cpuMs: Ms }[]): { arrived: number; cpuMs: Ms }[] {
  return Array.from({ length: Math.ceil(bins.length / 2) }, (_, index) => {
    const [left, right] = [bins[2 * index], bins[2 * index + 1]];
    return {
      arrived: (left?.arrived ?? 0) + (right?.arrived ?? 0),
      cpuMs: (left?.cpuMs ?? 0) + (right?.cpuMs ?? 0),
    };
  });
}
