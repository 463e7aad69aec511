/**
 * Engines by name: models on GPUs of one's own. Explicit: adding one is adding an entry.
 *
 * Step costs are sums of measured kernels (ai-dynamo/aiconfigurator operator tables, vLLM 0.19 on H100 and H200, 0.14 on A100,
 * 2026-08), fitted for 1 to 256 sequences and 256 to 16,384 tokens of context. Measured against vLLM itself on H100 (inference-sim/
 * training, 2026-02, ten stages): time per token +10 % on average (up to +28 % at 20 requests/s), TTFT +4 % (12 % off). KV memory:
 * what is left of 90 % of the GPUs after weights and activations. 15.6 ms to the queue and 0.046 ms per token on the way out: BLIS's
 * fit to the same runs. Chunks of 2,048 tokens, 256 sequences, blocks of 16 tokens: vLLM's documented defaults for serving;
 * Mooncake's traces name blocks of 512. Measure one request alone and one prompt of 8,000 tokens on your own engine before you trust
 * an absolute number.
 */
import { invalidInput } from "../../../core/errors.ts";
import type { EngineSpec, ProfileStatus, StepCost } from "../../../core/scenario/latency-spec.ts";
import type { ModelSpec } from "../../../core/scenario/provider-spec.ts";

const kernels = "sums of kernels, ai-dynamo/aiconfigurator, 2026-08";

/** c0, c1, c2 (1e-5) of a decode step; p0, p1, p2 (1e-7) of a prefill: see `step-time.ts`. */
type Fitted = readonly [c0: number, c1: number, c2: number, p0: number, p1: number, p2: number];

/** What engines have in common unless a scenario says otherwise. */
export const engineDefaults: Omit<EngineSpec, "name" | "title" | "status" | "source" | "step" | "kvTokens"> = {
  batchTokensMax: 2_048,
  sequencesMax: 256,
  kvBlockTokens: 16,
  waitingMax: 1_000,
  prefixCache: true,
  prefixBlockTokens: 512,
  arrivalMs: 15.6,
  perOutputTokenMs: 0.046,
};

const listed: readonly EngineSpec[] = [
  engine("vllm-llama-3.1-8b-h100", "Llama 3.1 8B bf16 on one H100", [6.3, 0.0101, 2.65, 2.93, 0.0163, 5.6], 418_000),
  engine("vllm-llama-3.1-8b-a100", "Llama 3.1 8B bf16 on one A100", [11.62, 0.0339, 5.12, 5.55, 0.0563, 0], 415_000),
  engine(
    "vllm-llama-3.x-70b-h100-tp4",
    "Llama 3.x 70B bf16 on four H100",
    [14.61, 0.0231, 2.61, 7.08, 0.0509, 11.9],
    429_000,
    [
      "validated",
      `${kernels}; vLLM with Llama 2 70B, inference-sim/training, 2026-02: time per token -1 to +9 % up to 10 requests/s`,
    ],
  ),
  engine(
    "vllm-llama-3.x-70b-h100-tp8-fp8",
    "Llama 3.x 70B fp8 on eight H100",
    [6.4, 0.0251, 1.48, 5.81, 0.0269, 0.1],
    1_489_000,
  ),
  engine(
    "vllm-llama-3.x-70b-h200-tp2-fp8",
    "Llama 3.x 70B fp8 on two H200",
    [12.44, 0.0317, 2.58, 4.77, 0.0571, 0.5],
    567_000,
  ),
];

const engines: Readonly<Record<string, EngineSpec>> = Object.fromEntries(listed.map((spec) => [spec.name, spec]));

/** Every name that a scenario may use, in the order of the table. */
export const engineNames: readonly string[] = Object.keys(engines);

/** The named engine. Throws invalid input for a name that is not in the table. */
export function engineSpec(name: string): EngineSpec {
  const found = Object.hasOwn(engines, name) ? engines[name] : undefined;
  if (found !== undefined) return found;
  throw invalidInput(`no engine is called "${name}"; allowed are ${engineNames.join(", ")}`, {
    code: "unknown-engine",
    hint: "docs/latency.md lists them",
  });
}

/** The engine of a model, with what its scenario says otherwise; undefined for a model that has a profile. */
export function engineOf({ latency }: ModelSpec): EngineSpec | undefined {
  return latency?.engine === undefined ? undefined : { ...engineSpec(latency.engine.name), ...latency.engine.changes };
}

function engine(
  name: string,
  title: string,
  [c0, c1, c2, p0, p1, p2]: Fitted,
  kvTokens: number,
  [status, source]: readonly [ProfileStatus, string] = ["modelled", kernels],
): EngineSpec {
  const step: StepCost = {
    decodeMs: c0,
    perSequenceMs: c1,
    perKvTokenMs: c2 * 1e-5,
    prefillMs: p0,
    perPromptTokenMs: p1,
    perPromptTokenSquaredMs: p2 * 1e-7,
  };
  return { ...engineDefaults, name, title, status, source, step, kvTokens };
}
