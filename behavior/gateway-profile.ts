/**
 * What a gateway costs by itself: the numbers the simulator plays in place of the real process.
 *
 * A replica is one event loop. CPU is served in order: a fixed cost when a request starts, a cost per streamed chunk, and
 * a cost when it ends. Waits that burn no CPU (Portkey's built-in sleep before the first streamed chunk) are apart.
 */
import type { Ms } from "../core/time.ts";

export interface GatewayProfile {
  readonly name: string;
  readonly version: string;
  /** CPU to parse, route and send a request upstream. */
  readonly requestCpuMs: Ms;
  /** CPU to pass one streamed chunk on. */
  readonly chunkCpuMs: Ms;
  /** CPU to finish a request (non-streamed: pass the body on). */
  readonly endCpuMs: Ms;
  /** Idle wait before the first streamed chunk is passed on. */
  readonly firstChunkDelayMs: Ms;
  /** Loopback and kernel time client-gateway-provider and back, with no load. */
  readonly networkMs: Ms;
  /** Upstream retries by default. */
  readonly retries: number;
  readonly status: "validated" | "modelled" | "assumed";
  /** Where the numbers come from: date, machine, how measured. */
  readonly source: string;
}

/** No gateway at all: the client calls the provider. */
export const directProfile: GatewayProfile = {
  name: "direct",
  version: "-",
  requestCpuMs: 0,
  chunkCpuMs: 0,
  endCpuMs: 0,
  firstChunkDelayMs: 0,
  networkMs: 0,
  retries: 0,
  status: "modelled",
  source: "by definition",
};
