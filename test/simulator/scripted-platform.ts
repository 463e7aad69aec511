/**
 * A platform whose providers do what a test says, call by call, so that timelines can be worked out by hand.
 */
import { createFaultSchedule } from "../../behavior/faults/schedule.ts";
import { directProfile, type GatewayProfile } from "../../behavior/gateway-profile.ts";
import type { BrokenAnswer, EventGaps, Provider, ProviderDecision, ResponsePlan } from "../../behavior/provider.ts";
import type { ClientHabits } from "../../behavior/routing/next-try.ts";
import type { ClosedPhase, OpenPhase, PlannedRequest, WorkloadPhase } from "../../behavior/workload.ts";
import { assertNever } from "../../core/invariant.ts";
import type { RequestRecord } from "../../core/record.ts";
import type { ProviderLedger } from "../../core/run.ts";
import type { TimedAction } from "../../core/scenario/event-spec.ts";
import type { PlatformSpec } from "../../core/scenario/platform-spec.ts";
import type { TimelineEntry } from "../../core/scenario/scenario.ts";
import { type SimulateOptions, type SimulationResult, simulate } from "../../simulator/simulate.ts";

/** What a provider does with one call. */
export type Script =
  | {
      readonly kind: "answer";
      /** When each content event is due, from admission; one token each. */
      readonly chunksAtMs: readonly number[];
      readonly gaps?: EventGaps;
      readonly broken?: BrokenAnswer;
    }
  | { readonly kind: "status"; readonly status: number; readonly afterMs: number; readonly retryAfterMs?: number }
  | { readonly kind: "reset"; readonly afterMs: number }
  | { readonly kind: "hang" };

export const answerAt10: Script = { kind: "answer", chunksAtMs: [10] };

export interface ScriptedProvider extends Provider {
  /** When it was called, with which key and as which attempt. */
  readonly calls: { readonly atMs: number; readonly apiKey: string; readonly attempt: number }[];
  /** When calls were finished, and what they had used. */
  readonly finishes: {
    readonly atMs: number;
    readonly outputTokens: number;
    readonly wastedTokens: number;
    readonly completed: boolean;
  }[];
}

/** A token costs this much, a prompt nothing. */
export const nanoPerToken = 10;

/** Plays the scripts in order, and the last one again for every call after them. */
export function scriptedProvider(name: string, scripts: readonly Script[]): ScriptedProvider {
  const calls: ScriptedProvider["calls"] = [];
  const finishes: ScriptedProvider["finishes"] = [];
  const counts = { served: 0, refused: 0, failed: 0, inputTokens: 0, cachedTokens: 0 };
  const tokens = { outputTokens: 0, wastedTokens: 0, cost: 0 };
  const quota = { requests: undefined, tokens: undefined };
  return {
    name,
    dialect: "openai",
    calls,
    finishes,
    begin: (nowMs, ask): ProviderDecision => {
      const script = scripts[Math.min(calls.length, scripts.length - 1)] ?? { kind: "hang" };
      calls.push({ atMs: nowMs, apiKey: ask.apiKey, attempt: ask.attempt });
      switch (script.kind) {
        case "answer":
          counts.served += 1;
          counts.inputTokens += ask.inputTokens;
          counts.cachedTokens += ask.cachedTokens;
          return { kind: "serve", ticket: { id: calls.length }, plan: planOf(script), quota };
        case "status":
          counts.failed += 1;
          return {
            kind: "refuse",
            refusal: { kind: "fault", status: script.status, retryAfterMs: script.retryAfterMs },
            quota,
            afterMs: script.afterMs,
          };
        case "reset":
          counts.failed += 1;
          return { kind: "drop", how: "reset", afterMs: script.afterMs };
        case "hang":
          counts.failed += 1;
          return { kind: "drop", how: "hang", afterMs: 0 };
        default:
          return assertNever(script);
      }
    },
    finish: (nowMs, _ticket, usage) => {
      const cost = usage.outputTokens * nanoPerToken;
      finishes.push({ atMs: nowMs, ...usage });
      tokens.outputTokens += usage.outputTokens;
      tokens.wastedTokens += usage.wastedTokens;
      tokens.cost += cost;
      return cost;
    },
    snapshot: () => quota,
    inFlight: () => counts.served - finishes.length,
    ledger: (): ProviderLedger => ({
      provider: name,
      dialect: "openai",
      calls: calls.length,
      ...counts,
      ...tokens,
      unpricedModels: [],
      usage: [],
      limits: [],
    }),
  };
}

function planOf({ chunksAtMs, gaps, broken }: Extract<Script, { readonly kind: "answer" }>): ResponsePlan {
  const totalMs = chunksAtMs.at(-1) ?? 0;
  return {
    ttftMs: chunksAtMs[0] ?? totalMs,
    chunks: chunksAtMs.length,
    chunkAtMs: (index) => chunksAtMs[index] ?? totalMs,
    totalMs,
    outputTokens: chunksAtMs.length,
    finish: "stop",
    broken,
    ...(gaps === undefined ? {} : { gaps }),
  };
}

/** A request of 10 prompt tokens, streamed. */
export function request(key: string, changes: Partial<PlannedRequest> = {}): PlannedRequest {
  return {
    key,
    tenant: "default",
    session: key,
    turn: 0,
    model: "m",
    stream: true,
    inputTokens: 10,
    cachedTokens: 0,
    outputTokens: 1,
    maxOutputTokens: undefined,
    atMs: 0,
    thinkMs: 0,
    ...changes,
  };
}

export function openPhase(requests: readonly PlannedRequest[], changes: Partial<OpenPhase> = {}): OpenPhase {
  return { kind: "open", name: "load", arrivals: () => requests, durationMs: 0, ...changes };
}

/** One script per user. */
export function closedPhase(
  scripts: readonly (readonly PlannedRequest[])[],
  changes: Partial<ClosedPhase> = {},
): ClosedPhase {
  return {
    kind: "closed",
    name: "load",
    users: scripts.length,
    script: (user) => scripts[user] ?? [],
    startMs: () => 0,
    durationMs: undefined,
    ...changes,
  };
}

/** A gateway that fails over like Portkey, and costs nothing unless told. */
export function gatewayOf(changes: Partial<GatewayProfile> = {}): GatewayProfile {
  return {
    ...directProfile,
    name: "scripted",
    failover: { backoffMs: 1_000, connectionStatus: 500 },
    cancelsUpstream: false,
    ...changes,
  };
}

/** One that costs something everywhere. */
export const costlyGateway: GatewayProfile = gatewayOf({ requestCpuMs: 2, chunkCpuMs: 1, endCpuMs: 1, networkMs: 0.5 });

export interface Play extends SimulationResult {
  readonly records: readonly RequestRecord[];
}

/** Simulates the phases; all providers stand on the route of model `m`, in order. */
export function play(
  phases: readonly WorkloadPhase[],
  providers: readonly Provider[],
  gateway: GatewayProfile,
  changes: Partial<SimulateOptions> & {
    readonly platform?: Partial<PlatformSpec>;
    readonly timeline?: readonly TimelineEntry[];
    readonly events?: readonly TimedAction[];
    readonly timeoutMs?: number;
  } & ClientHabits = {},
): Play {
  const { platform, timeline, events, timeoutMs, retryAgain, resends, ...options } = changes;
  const names = providers.map((provider) => provider.name);
  const records: RequestRecord[] = [];
  const result = simulate({
    scenario: {
      seed: 7,
      platform: {
        gateway: gateway.name,
        replicas: 1,
        routes: [{ model: "m", providers: names }],
        retries: { max: 0, on: [429, 500, 503] },
        ...platform,
      },
      timeline: timeline ?? [],
      ...(events === undefined ? {} : { events }),
    },
    workload: {
      phases,
      client: {
        timeoutMs: timeoutMs ?? 60_000,
        ...(retryAgain === undefined ? {} : { retryAgain }),
        ...(resends === undefined ? {} : { resends }),
      },
    },
    gateway,
    providers,
    apiKeys: new Map(names.map((name) => [name, `key of ${name}`])),
    faults: createFaultSchedule(),
    timeScale: 1,
    onRecord: (record) => records.push(record),
    ...options,
  });
  return { ...result, records };
}
