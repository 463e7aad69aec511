/**
 * What a gateway costs by itself: the numbers the simulator plays in place of the real process.
 *
 * A replica is one event loop. CPU is served in order: a fixed cost when a request starts, a cost for reading a stream, and
 * a cost when it ends. Costs are those of a piece of work that finds the event loop idle; one that finds it at work needs
 * only a share of that, since the process need not be woken, its caches are warm, and one system call fetches many events.
 * Waits that burn no CPU (Portkey's built-in sleep before the first streamed chunk) are apart.
 */
import type { Ms } from "../core/time.ts";

export interface GatewayProfile {
  readonly name: string;
  readonly version: string;
  /** CPU to parse, route and send a request upstream. */
  readonly requestCpuMs: Ms;
  /** CPU to read a stream and pass on the chunk that has come. */
  readonly chunkCpuMs: Ms;
  /** CPU to pass on each further chunk that had come by the time the stream was read. */
  readonly coalescedChunkCpuMs: Ms;
  /** CPU to finish a request (non-streamed: pass the body on). */
  readonly endCpuMs: Ms;
  /** CPU that it takes besides once a streamed answer has ended: LiteLLM puts the answer together for its logs. */
  readonly streamCpuMs: Ms;
  /** Share of `requestCpuMs`, `endCpuMs` and `streamCpuMs` that is needed when the event loop is at work already, 0..1. */
  readonly busyRequestShare: number;
  /** The same of `chunkCpuMs`. */
  readonly busyChunkShare: number;
  /** An event loop that ran out of work less than this long ago is as good as at work. */
  readonly warmMs: Ms;
  /** How many times a request waits for its turn on the event loop before it is sent upstream. */
  readonly requestTurns: number;
  /** Idle wait before the first streamed chunk is passed on. */
  readonly firstChunkDelayMs: Ms;
  /** Loopback and kernel time client-gateway-provider and back, with no load. */
  readonly networkMs: Ms;
  /** What it does when a call upstream fails; undefined: nothing, the failure reaches the client as it is. */
  readonly failover: Failover | undefined;
  /** Whether a client that leaves also ends the call upstream. Portkey never does. */
  readonly cancelsUpstream: boolean;
  readonly status: "validated" | "modelled" | "assumed";
  /** Where the numbers come from: date, machine, how measured. */
  readonly source: string;
}

/** What a calibration measures; the rest is what a probe found, and how far to trust it. */
export type MeasuredCosts = Omit<GatewayProfile, "name" | "failover" | "cancelsUpstream" | "status">;

/**
 * Retries at one provider, then the next provider of the route. What is left out a gateway does not do: Portkey waits 1, 2, 4 s,
 * repeats and falls back on the statuses that it is told, and passes the last one on.
 */
export interface Failover {
  /** Wait before the first retry; each later one waits twice as long. */
  readonly backoffMs: Ms;
  /** Status that stands for a connection which failed, to the client and in `retries.on`. */
  readonly connectionStatus: number;
  /** No wait doubles beyond this. */
  readonly backoffMsMax?: Ms | undefined;
  /** Waits take up to so much longer, evenly drawn: a time, and a share of the wait itself. */
  readonly jitterMs?: Ms | undefined;
  readonly jitterShare?: number | undefined;
  /** A provider that asks for no longer than this is left alone for as long as it asks. */
  readonly retryAfterMsMax?: Ms | undefined;
  /** It waits once more after its last try, before it falls back or gives up. */
  readonly waitsAfterLast?: true | undefined;
  /** Statuses it never repeats, and those it repeats where it is told to; all others it repeats whatever it is told. */
  readonly repeats?: { readonly never: readonly number[]; readonly asTold: readonly number[] } | undefined;
  /** It falls back after any failure, whatever it is told. */
  readonly fallsBackAlways?: true | undefined;
  /** A retry begins the route again; providers are asked one after the other without a wait. */
  readonly retriesRoute?: true | undefined;
  /** What its clients get in place of the status of any failure. */
  readonly failureStatus?: number | undefined;
  /** Its clients are not told how long a provider wants to be left alone. */
  readonly hidesRetryAfter?: true | undefined;
  /** One failure with such a status, and it leaves the provider alone for so long; its clients get 429 meanwhile. */
  readonly pause?: { readonly statuses: readonly number[]; readonly forMs: Ms } | undefined;
}

/** No gateway at all: the client calls the provider. */
export const directProfile: GatewayProfile = {
  name: "direct",
  version: "-",
  requestCpuMs: 0,
  chunkCpuMs: 0,
  coalescedChunkCpuMs: 0,
  endCpuMs: 0,
  streamCpuMs: 0,
  busyRequestShare: 1,
  busyChunkShare: 1,
  warmMs: 0,
  requestTurns: 1,
  firstChunkDelayMs: 0,
  networkMs: 0,
  failover: undefined,
  cancelsUpstream: true,
  status: "modelled",
  source: "by definition",
};
