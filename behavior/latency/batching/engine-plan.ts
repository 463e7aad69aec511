/**
 * A call in an engine, as the times of an answer that a provider promises.
 *
 *     event i is due  factor · (arrival + token i in the engine + (i + 1) · per output token)
 *
 * Arrival and way out lie outside the engine, so they come on top and shift nobody else. The factor is that of a latency fault:
 * it delays what a client sees and leaves the engine alone, and below 1 it has no effect.
 */
import { invariant } from "../../../core/invariant.ts";
import type { EngineSpec } from "../../../core/scenario/latency-spec.ts";
import type { ModelSpec } from "../../../core/scenario/provider-spec.ts";
import type { Ms } from "../../../core/time.ts";
import type { ProviderAsk, Refusal, ResponsePlan } from "../../provider.ts";
import { BatchEngine, type SequenceAsk } from "./batch-engine.ts";
import { engineOf } from "./engines.ts";

/** An engine of a provider, and the scale of its times. */
export interface HostedEngine {
  readonly engine: BatchEngine;
  readonly spec: EngineSpec;
  readonly scale: number;
}

/** The engine of each model that has one: its keys share it. */
export function hostedEngines(models: readonly ModelSpec[], latencyScale: number): ReadonlyMap<string, HostedEngine> {
  return new Map(
    models.flatMap((model) => {
      const spec = engineOf(model);
      const scale = latencyScale * model.latencyScale;
      return spec === undefined ? [] : [[model.model, { engine: new BatchEngine(spec, scale), spec, scale }]];
    }),
  );
}

/** Why an engine cannot take a call: it would never fit into its memory, or too many wait. */
export function engineRefusal({ engine, spec }: HostedEngine, nowMs: Ms, ask: ProviderAsk): Refusal | undefined {
  const sequence = sequenceAsk(ask, answerTokensOf(ask));
  if (!engine.couldEverServe(sequence)) {
    const requested = sequence.promptTokens + sequence.outputTokens;
    return { kind: "context-length", limit: spec.kvTokens, requested };
  }
  // Engines have no status of their own for it; gateways and proxies in front of them answer 503.
  return engine.isFull(nowMs) ? { kind: "fault", status: 503, retryAfterMs: undefined } : undefined;
}

export interface EngineCall {
  readonly nowMs: Ms;
  readonly ask: ProviderAsk;
  readonly outputTokens: number;
  /** Of a latency fault. */
  readonly factor: number;
}

export type EngineTiming = Required<
  Pick<ResponsePlan, "ttftMs" | "chunks" | "chunkAtMs" | "totalMs" | "notBeforeMs" | "foundTokens">
> & {
  /** The call has ended, or nobody waits for it any more. */
  readonly leave: (nowMs: Ms) => void;
};

/** Submits a call that the engine does not refuse. */
export function engineTiming(
  hosted: HostedEngine,
  { nowMs: begunMs, ask, outputTokens, factor }: EngineCall,
): EngineTiming {
  const { engine, spec, scale } = hosted;
  const sequence = engine.submit(begunMs, sequenceAsk(ask, outputTokens));
  invariant(sequence !== undefined, "an engine was asked before a call was put into it");
  const slower = Math.max(1, factor);
  const outsideMs = (index: number): Ms => scale * (spec.arrivalMs + (index + 1) * spec.perOutputTokenMs);
  /** The latest instant that somebody has told, since admission. */
  let toldMs: Ms = 0;
  const dueMs = (index: number): Ms =>
    slower * (engine.tokenMs(begunMs + toldMs, sequence, index) - begunMs + outsideMs(index));
  return {
    ttftMs: dueMs(0),
    chunks: outputTokens,
    totalMs: dueMs(Math.max(0, outputTokens - 1)),
    chunkAtMs: dueMs,
    notBeforeMs: (index, elapsedMs) => {
      toldMs = Math.max(toldMs, elapsedMs);
      return dueMs(index);
    },
    foundTokens: () => sequence.foundTokens,
    leave: (nowMs) => engine.leave(nowMs, sequence),
  };
}

/** Even an answer without any token comes out of the end of its prompt. */
function sequenceAsk({ inputTokens, cachedTokens, prefixBlocks }: ProviderAsk, outputTokens: number): SequenceAsk {
  return {
    promptTokens: Math.max(1, inputTokens),
    cachedTokens,
    blocks: prefixBlocks ?? [],
    outputTokens: Math.max(1, outputTokens),
  };
}

function answerTokensOf({ outputTokens, maxOutputTokens }: ProviderAsk): number {
  return Math.min(outputTokens, maxOutputTokens ?? outputTokens);
}
