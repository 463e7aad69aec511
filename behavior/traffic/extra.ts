/**
 * Traffic on top of the rest: requests `x0.0`, `x0.1`, ... of the first addition, merged in order of time with all others.
 *
 * Each addition draws from a stream of its own, so that the rest of the traffic stays exactly as it was without it.
 */
import { invariant } from "../../core/invariant.ts";
import type { RandomStream } from "../../core/random.ts";
import type { ExtraTraffic, RequestShape, Traffic } from "../../core/scenario/traffic-spec.ts";
import type { OpenPhase, PlannedRequest } from "../workload.ts";
import { arrivalTimes } from "./arrivals.ts";
import { requestMix, singleRequest } from "./request-mix.ts";

/** The phase with what comes on top of it. */
export function withExtra(phase: OpenPhase, traffic: Traffic, random: RandomStream): OpenPhase {
  const { extra = [] } = traffic;
  if (extra.length === 0) return phase;
  const endMs = Math.max(...extra.map(({ atMs, forMs }) => atMs + forMs));
  return {
    ...phase,
    durationMs: Math.max(phase.durationMs, endMs),
    arrivals: () =>
      extra.reduce<Iterable<PlannedRequest>>(
        (before, each, index) => merged(before, additional(each, index, traffic, random.split("extra").split(index))),
        phase.arrivals(),
      ),
  };
}

function* additional(
  extra: ExtraTraffic,
  index: number,
  traffic: Traffic,
  random: RandomStream,
): Generator<PlannedRequest, void, undefined> {
  const { atMs, forMs, perMs } = extra;
  const draws = requestMix(trafficOf(extra, traffic))(random.split("requests"));
  const segments = [{ forMs, fromPerMs: perMs, toPerMs: perMs, process: "poisson" }] as const;
  let count = 0;
  for (const afterMs of arrivalTimes(segments, random.split("arrivals"))) {
    yield singleRequest(draws, `x${index}.${count}`, atMs + afterMs);
    count++;
  }
}

/** The traffic as if there were nothing else. */
function trafficOf({ tenant, model, input, output, stream }: ExtraTraffic, traffic: Traffic): Traffic {
  const [first] = traffic.requests;
  invariant(first !== undefined, "traffic asks for something");
  const shape: RequestShape = {
    ...first,
    share: 1,
    model: model ?? first.model,
    input: input ?? first.input,
    output: output ?? first.output,
    stream: stream ?? first.stream,
  };
  const tenants = [{ name: tenant ?? traffic.tenants[0]?.name ?? "default", share: 1 }];
  return { ...traffic, requests: [shape], tenants };
}

/** Two sequences in order of time as one; of two at the same instant the first goes first. */
function* merged(
  left: Iterable<PlannedRequest>,
  right: Iterable<PlannedRequest>,
): Generator<PlannedRequest, void, undefined> {
  const rights = right[Symbol.iterator]();
  let next = rights.next();
  for (const request of left) {
    while (next.done !== true && next.value.atMs < request.atMs) {
      yield next.value;
      next = rights.next();
    }
    yield request;
  }
  while (next.done !== true) {
    yield next.value;
    next = rights.next();
  }
}
