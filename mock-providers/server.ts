/**
 * The mock's HTTP server: one port, each provider under its own path, control under `/_squall/`.
 *
 * HTTP/1.1, and cleartext HTTP/2 for those who speak it without asking first, as the AWS SDK does.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { environmentNotReady, type SquallError } from "../core/errors.ts";
import { invariant } from "../core/invariant.ts";
import type { Ms } from "../core/time.ts";
import { type TraceEnvironment, tracesFor } from "./call-traces.ts";
import type { MockConfig } from "./config.ts";
import { takeConnections, tellApart } from "./first-bytes.ts";
import { type ExpressLane, expressLane } from "./http1-express.ts";
import { type Http2Connections, http2Connections } from "./http2.ts";
import type { HttpRequest, HttpResponse } from "./http-exchange.ts";
import { Mock, type ProviderChanges } from "./mock.ts";
import { readyMessage, type ReadyMessage } from "./ready-message.ts";
import { route } from "./route.ts";

export interface MockOptions {
  readonly config: MockConfig;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** `OTEL_*` variables; without any, no traces. */
  readonly env?: TraceEnvironment;
  /** Default: `defaultBounds`. */
  readonly bounds?: Partial<ConnectionBounds>;
}

export interface MockServer {
  /** `http://127.0.0.1:9100`, without a slash at its end. */
  readonly url: string;
  /** What `squall mock` prints first. */
  readonly ready: ReadyMessage;
  /** Takes a new configuration while it serves; see `Mock.adopt`. */
  readonly adopt: (config: MockConfig) => ProviderChanges;
  /**
   * Takes no more calls, lets open ones finish, and cuts what is left after `deadlineMs` of wall time. The control API answers
   * until then.
   */
  readonly close: (deadlineMs: Ms) => Promise<CloseReport>;
  /** Lets a server that closes wait no longer. */
  readonly hurry: () => void;
}

export interface CloseReport {
  /** Entries that the journal was given since the last reset. */
  readonly journalEntries: number;
  /** Calls that had not ended in time. */
  readonly callsCut: number;
}

/** What clients may take of the server; times are wall milliseconds. */
export interface ConnectionBounds {
  /** From the first byte of a connection, or of a request on it, until its headers are there; then it is cut (408 over HTTP/1.1). */
  readonly headersMsMax: Ms;
  /** Until its body is there. */
  readonly requestMsMax: Ms;
  /** Connections at once; one more is closed as it comes. */
  readonly connectionsMax: number;
}

/** For load tests with many clients; each connection costs a file descriptor and some 10 kB. */
export const defaultBounds: ConnectionBounds = { headersMsMax: 30_000, requestMsMax: 120_000, connectionsMax: 20_000 };
/** How often Node looks for requests that take too long; its own default of 30 s would let them take twice as long. */
const boundsCheckMs = 1_000;
/** How long the last bytes of answers may take to leave once all calls have ended, wall milliseconds. */
const flushMsMax = 2_000;
/** Idle connections live longer than those of pooling clients, so that it is the client that closes. */
const keepAliveMs = 75_000;
/** Gateways put their whole configuration into a header (Portkey); Node's own bound is 16 kB. */
const headerBytesMax = 64 * 1024;

/** Errors: `port-taken`, `address-unavailable`. */
export async function startMock(options: MockOptions): Promise<MockServer> {
  const mock = new Mock(options.config);
  mock.traces = await tracesFor(options.env ?? {});
  const onRequest = (request: HttpRequest, response: HttpResponse): void => route(mock, request, response);
  const { headersMsMax, requestMsMax, connectionsMax } = { ...defaultBounds, ...options.bounds };
  const http2 = http2Connections({ headerBytesMax, requestMsMax, keepAliveMs }, onRequest);
  const server = createServer(
    {
      noDelay: true,
      keepAliveTimeout: keepAliveMs,
      headersTimeout: headersMsMax,
      requestTimeout: requestMsMax,
      connectionsCheckingInterval: Math.min(boundsCheckMs, headersMsMax),
      maxHeaderSize: headerBytesMax,
    },
    onRequest,
  );
  server.maxConnections = connectionsMax;
  const express = expressLane({ onRequest, handOver: takeConnections(server), keepAliveMs });
  const closeSilent = tellApart(server, { http1: express.serve, http2: http2.serve }, headersMsMax);
  const hurried = new AbortController();
  const url = await listen(server, options.host, options.port);
  return {
    url,
    ready: readyMessage(url, options.config),
    adopt: (written) => mock.adopt(written),
    close: async (deadlineMs) => {
      const callsCut = await drain(mock, deadlineMs, hurried.signal);
      closeSilent();
      await close(server, [express, http2], callsCut > 0 ? 0 : Math.min(deadlineMs, flushMsMax));
      mock.pacer.stop();
      await mock.traces?.close();
      return { journalEntries: mock.state.journal.lastSeq, callsCut };
    },
    hurry: () => hurried.abort(),
  };
}

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(notListening(cause, host, port)));
    server.listen(port, host, () => {
      server.removeAllListeners("error");
      resolve(urlOf(host, server.address()));
    });
  });
}

function notListening(cause: NodeJS.ErrnoException, host: string, port: number): SquallError {
  if (cause.code === "EADDRINUSE") {
    const hint = "choose another port, or 0 for a free one; or stop what is listening there";
    return environmentNotReady(`port ${port} on ${host} is taken`, { code: "port-taken", hint, cause });
  }
  const hint = "choose an address of this machine, such as 127.0.0.1, and a port above 1023";
  return environmentNotReady(`cannot listen on ${host} port ${port}: ${cause.message}`, {
    code: "address-unavailable",
    hint,
    cause,
  });
}

/** Where a client on this machine finds the server. */
function urlOf(host: string, address: string | AddressInfo | null): string {
  invariant(address !== null && typeof address === "object", "a TCP server has an address and a port");
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${address.port}`;
}

/** How often a closing server looks whether calls have ended and connections have become idle, wall milliseconds. */
const drainCheckMs = 20;

/** Calls that were cut because they did not end in time. */
async function drain(mock: Mock, deadlineMs: Ms, hurried: AbortSignal): Promise<number> {
  mock.draining = true;
  const untilWallMs = mock.time.nowMs() + deadlineMs;
  while (callsUnderWay(mock) > 0 && mock.time.nowMs() < untilWallMs && !hurried.aborted) await delay(drainCheckMs);
  return callsUnderWay(mock);
}

/** Served ones, and refusals that wait for their time. */
function callsUnderWay({ pacer, state }: Mock): number {
  const served = [...state.providers.values()].reduce((sum, { provider }) => sum + provider.inFlight(), 0);
  return Math.max(served, pacer.size);
}

async function close(
  server: Server,
  others: readonly (ExpressLane | Http2Connections)[],
  deadlineMs: Ms,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const connections of others) connections.close();
  const idle = setInterval(() => server.closeIdleConnections(), drainCheckMs);
  const late = setTimeout(() => {
    server.closeAllConnections();
    for (const connections of others) connections.destroy();
  }, deadlineMs);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}
