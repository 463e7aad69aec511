/**
 * How long one step of an engine takes.
 *
 *     step = max(c0, p0 + p1 n) + p2 Σ ((m + n)² − m²) + c1 B + c2 K
 *
 * B sequences decode and K tokens lie in their KV memory; n prompt tokens are read in the step, of a prompt of which m had been
 * read before. Weights are read once a step, whichever of the two needs them more, hence the maximum. The square is attention:
 * each new token looks at all before it, so a prompt read in chunks costs as much as one that is read at once.
 *
 * Linear in B and K: fitted to sums of measured kernels (ai-dynamo/aiconfigurator, 2026-08) with a mean error of 2 to 9 %, and
 * within 10 % on average of vLLM's own times on H100 (inference-sim/training, 2026-02); worst at 20 requests/s, +28 %.
 */
import type { StepCost } from "../../../core/scenario/latency-spec.ts";
import type { Ms } from "../../../core/time.ts";

/** What is done in one step. */
export interface StepWork {
  readonly decoding: number;
  readonly kvTokens: number;
  readonly promptTokens: number;
  /** Σ ((m + n)² − m²) over the prompts that are read. */
  readonly promptSquares: number;
}

export function stepMs(cost: StepCost, { decoding, kvTokens, promptTokens, promptSquares }: StepWork): Ms {
  const readMs = promptTokens === 0 ? 0 : cost.prefillMs + cost.perPromptTokenMs * promptTokens;
  return (
    Math.max(cost.decodeMs, readMs) +
    cost.perPromptTokenSquaredMs * promptSquares +
    cost.perSequenceMs * decoding +
    cost.perKvTokenMs * kvTokens
  );
}
