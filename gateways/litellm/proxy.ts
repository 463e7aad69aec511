/** LiteLLM's proxy as it runs anywhere, as a process or in a container: how it is started, when it is ready, and what warms it up. */
import type { Ms } from "../../core/time.ts";
import { httpProbe } from "../http-probe.ts";
import { warmUpModels } from "./policy.ts";

/**
 * It starts within 7 to 10 s, and within 19 s from freshly installed files, on two cores that do nothing else: it is given this
 * long at least.
 */
export const readyTimeoutMsMin: Ms = 120_000;

/** In Python. Its console script names an interpreter by its path at installation, so it is not used. */
export const runServer = "from litellm import run_server; sys.exit(run_server())";

/** Nothing is fetched at the start, nothing is told to anybody. */
export const settings: Readonly<Record<string, string>> = {
  LITELLM_LOCAL_MODEL_COST_MAP: "True",
  LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS: "True",
  LITELLM_LOG: "ERROR",
  DISABLE_ADMIN_UI: "True",
  PYTHONUNBUFFERED: "1",
};

/** Where it serves metrics, when it is asked for them. */
export const metricsPath = "/metrics/";

/** One look at `/health/readiness`. */
const probeTimeoutMs: Ms = 2_000;
/** Longest that a warm-up request may take; 2.8 s was the longest seen. */
const warmUpTimeoutMs: Ms = 15_000;

export async function isReady(origin: string): Promise<boolean> {
  return (await httpProbe(`${origin}/health/readiness`, probeTimeoutMs))?.status === 200;
}

export interface ProxyCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function callOf(origin: string, masterKey: string): ProxyCall {
  return { url: `${origin}/v1/chat/completions`, headers: { authorization: `Bearer ${masterKey}` } };
}

/** One request that goes well and one that goes badly; whatever it answers will do. Rejects with the signal's reason only. */
export async function warmUp({ url, headers }: ProxyCall, signal: AbortSignal): Promise<void> {
  for (const model of [warmUpModels.answers, warmUpModels.fails]) {
    const body = JSON.stringify({ model, messages: [{ role: "user", content: "hello" }], num_retries: 0 });
    await fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(warmUpTimeoutMs)]),
    }).then(
      (response) => response.text(),
      () => undefined,
    );
    signal.throwIfAborted();
  }
}
