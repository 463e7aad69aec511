/** The server's plumbing: bounded in connections, bodies and time; every answer with the headers that keep a page to itself. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { environmentNotReady } from "../../core/errors.ts";
import type { Ms } from "../../core/time.ts";

/** Connections at once: every page holds one for events, and opens some more. */
const connectionsMax = 256;
/** A request has to be there within this. */
const requestTimeoutMs: Ms = 10_000;

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
  /** Besides those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers by itself (undefined) or with what is to be sent. */
export type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<Answer | undefined>;

export interface Listening {
  readonly port: number;
  /** Closes every connection. */
  readonly close: () => Promise<void>;
}

/** Nothing from elsewhere is loaded, run, asked or framed. `style-src` lets the charts' own attributes be. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; worker-src 'self'; img-src data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const always = {
  "cache-control": "no-store",
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** Rejects with `port-taken` or `address-unavailable`. */
export async function listen(host: string, port: number, handler: Handler): Promise<Listening> {
  const server = createServer({ requestTimeout: requestTimeoutMs }, (request, response) => {
    for (const [name, value] of Object.entries(always)) response.setHeader(name, value);
    const url = URL.parse(request.url ?? "/", "http://here");
    if (url === null) send(response, problem(400, "there is no such address"));
    else void answer(handler, request, response, url);
  });
  server.maxConnections = connectionsMax;
  await listening(server, host, port);
  return {
    port: (server.address() as AddressInfo).port, // it listens on a port
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(handler: Handler, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const said = await handler(request, response, url).catch((cause: unknown) =>
    problem(500, cause instanceof Error ? cause.message : String(cause)),
  );
  if (said !== undefined) send(response, said);
}

function send(response: ServerResponse, { status, type, body, headers = {} }: Answer): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { ...headers, "content-type": type, "content-length": Buffer.byteLength(body) }).end(body);
}

/** An answer that says why not. */
export function problem(status: number, why: string): Answer {
  return { status, type: "application/json", body: JSON.stringify({ problem: why }) };
}

/** The body as text; undefined when it is larger than allowed. */
export async function bodyOf(request: IncomingMessage, bytesMax: number): Promise<string | undefined> {
  // Refused before it is read: whoever breaks off reading closes the connection, and nobody hears why.
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) return undefined;
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > bytesMax) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const isTaken = cause.code === "EADDRINUSE";
      reject(
        environmentNotReady(isTaken ? `port ${port} is taken` : `cannot listen on ${host}: ${cause.message}`, {
          code: isTaken ? "port-taken" : "address-unavailable",
          hint: isTaken ? "give another with --port; 0 picks a free one" : "check --host",
          cause,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
}
