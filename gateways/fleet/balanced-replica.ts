/** A replica behind a front, on a loopback port: what is known of it, and how it is asked. */
import type { Ms } from "../../core/time.ts";
import type { GatewayCall, RunningGateway } from "../driver.ts";
import type { LivePhase, LiveReplica } from "./live-fleet.ts";

export class BalancedReplica implements LiveReplica {
  readonly id: number;
  readonly name: string;
  readonly version: string;
  readonly policy: number;
  readonly wishedMs: Ms;
  phase: LivePhase = "starting";
  sinceMs: Ms;
  isWell = true;
  isCutOff = false;
  inFlight = 0;
  taken = 0;
  cpuSeconds = 0;
  rssBytes = 0;
  /** Used before it served anybody. */
  cpuSecondsToStart = 0;
  /** Aborted when it is not wanted any more. */
  readonly unwanted: AbortController = new AbortController();
  /** Once it answers. */
  running: RunningGateway | undefined;
  /** Where it lives at the front, once it has moved in. */
  slot: { readonly number: number; readonly takenBefore: number } | undefined;
  /** What the front was last told. */
  told: "serve" | "drain" | "empty" = "empty";

  constructor(id: number, version: string, policy: number, wishedMs: Ms) {
    this.id = id;
    this.name = `gateway-${id}`;
    this.version = version;
    this.policy = policy;
    this.wishedMs = wishedMs;
    this.sinceMs = wishedMs;
  }

  get metricsUrl(): string | undefined {
    return this.running?.metricsUrl;
  }

  enter(phase: LivePhase, nowMs: Ms): void {
    this.phase = phase;
    this.sinceMs = nowMs;
  }
}

/** Whether a model answers through a gateway: the smallest question that there is. */
export async function modelAnswers({ url, headers }: GatewayCall, model: string, timeoutMs: Ms): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ model, max_tokens: 1, messages: [{ role: "user", content: "Are you there?" }] }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
