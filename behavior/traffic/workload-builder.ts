/**
 * From a scenario to a workload: the phases of a run, and every request in them, before anything is sent.
 *
 * The simulator and every load engine play the value that comes out of here, so they send the very same requests. Requests
 * are made one at a time while they are played; a day of traffic takes no more memory than a minute.
 *
 * Streams of randomness hang under `seed / "traffic"`: one for arrivals, one for what they ask for, one per conversation,
 * one for warm-up, one for the tenants of a trace; below them one for every property that is drawn.
 */
import { invalidInput } from "../../core/errors.ts";
import { assertNever } from "../../core/invariant.ts";
import { randomStream, type RandomStream } from "../../core/random.ts";
import type { OpenLoad, Traffic } from "../../core/scenario/traffic-spec.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import type { Ms } from "../../core/time.ts";
import { clientRetries } from "../routing/client-retries.ts";
import { resendsOf } from "../routing/resends.ts";
import type { ClosedPhase, OpenPhase, PlannedRequest, Workload, WorkloadPhase } from "../workload.ts";
import { arrivalTimes, segmentsDurationMs } from "./arrivals.ts";
import { chainPhase } from "./chains.ts";
import { conversationPhases } from "./conversations.ts";
import { withExtra } from "./extra.ts";
import { oneByOne } from "./one-by-one.ts";
import { sampledPhase } from "./sample.ts";
import { sessionPhase } from "./sessions.ts";
import { requestMix, singleRequest } from "./request-mix.ts";
import { rowRequests, tracePhase } from "./trace-replay.ts";
import type { TraceRows } from "./trace-rows.ts";

export interface WorkloadOptions {
  /** Needed when, and only when, the scenario replays a trace. */
  readonly trace?: TraceRows;
  /** Part of the trace to replay, in trace time: from, and up to but not including. */
  readonly windowMs?: readonly [Ms, Ms];
}

/** Throws `trace-missing`, `trace-unused` or `trace-window-empty` when scenario and options do not fit. */
export function buildWorkload(scenario: Scenario, options: WorkloadOptions = {}): Workload {
  const { traffic } = scenario;
  const random = randomStream(scenario.seed).split("traffic");
  const trace = fittingTrace(scenario, options);
  const { retries, resend } = traffic.client;
  const warmup = traffic.warmupRequests === 0 ? [] : [warmupPhase(traffic, trace, random)];
  const phases = [...warmup, ...loadPhases(traffic, trace, options.windowMs, random)];
  const { sample } = traffic;
  return {
    phases: sample === undefined ? phases : phases.map((phase) => sampledPhase(phase, sample)),
    client: {
      timeoutMs: traffic.client.timeoutMs,
      ...(retries === undefined ? {} : { retryAgain: clientRetries(retries, random) }),
      ...(resend === undefined ? {} : { resends: resendsOf(resend, random) }),
    },
  };
}

function loadPhases(
  traffic: Traffic,
  trace: TraceRows | undefined,
  windowMs: readonly [Ms, Ms] | undefined,
  random: RandomStream,
): readonly WorkloadPhase[] {
  if (trace !== undefined) return [tracePhase(traffic, trace, windowMs, random)];
  switch (traffic.load.kind) {
    case "open": {
      const { load, sessions } = traffic;
      if (sessions?.dependent === true) return [chainPhase(traffic, load, sessions, random)];
      const phase =
        sessions === undefined ? openPhase(traffic, load, random) : sessionPhase(traffic, load, sessions, random);
      return [withExtra(phase, traffic, random)];
    }
    case "closed":
      return conversationPhases(traffic, traffic.load, random);
    case "trace":
      return [];
    default:
      return assertNever(traffic.load);
  }
}

/** Arrivals `a0`, `a1`, ...: the i-th request has the i-th draw of every stream, whatever the rate is. */
function openPhase(traffic: Traffic, load: OpenLoad, random: RandomStream): OpenPhase {
  const drawsFrom = requestMix(traffic);
  return {
    kind: "open",
    name: "load",
    durationMs: segmentsDurationMs(load.segments),
    arrivals: () => {
      const draws = drawsFrom(random.split("requests"));
      const times = arrivalTimes(load.segments, random.split("arrivals"));
      return oneByOne((index) => {
        const { done, value: atMs } = times.next();
        return done === true ? undefined : singleRequest(draws, `a${index}`, atMs);
      });
    },
  };
}

/** Requests `w0`, `w1`, ... one after the other by one user; those of a trace are as long as its first rows. */
function warmupPhase(traffic: Traffic, trace: TraceRows | undefined, random: RandomStream): ClosedPhase {
  const drawsFrom = requestMix(traffic);
  return {
    kind: "closed",
    name: "warmup",
    users: 1,
    startMs: () => 0,
    durationMs: undefined,
    script: function* (): Generator<PlannedRequest, void, undefined> {
      const draws = drawsFrom(random.split("warmup"));
      const requestOf = trace === undefined ? undefined : rowRequests(traffic, trace, random);
      for (let index = 0; index < traffic.warmupRequests; index++) {
        const sent = { key: `w${index}`, atMs: 0 };
        if (trace === undefined || requestOf === undefined) yield singleRequest(draws, sent.key, sent.atMs);
        else yield requestOf(index % trace.count, sent);
      }
    },
  };
}

function fittingTrace(scenario: Scenario, options: WorkloadOptions): TraceRows | undefined {
  const wanted = scenario.traffic.load.kind === "trace";
  if (wanted && options.trace === undefined) {
    throw invalidInput(`scenario ${scenario.name} replays a trace, and none was given`, {
      code: "trace-missing",
      hint: "name the file with --trace FILE, or as traffic.trace.file in the scenario",
    });
  }
  if (!wanted && (options.trace !== undefined || options.windowMs !== undefined)) {
    throw invalidInput(`scenario ${scenario.name} makes its own traffic; it cannot replay a trace or a window of one`, {
      code: "trace-unused",
      hint: "leave out --trace and --window, or give the scenario a traffic.trace",
    });
  }
  return options.trace;
}
