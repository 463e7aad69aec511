/**
 * A chat completions server that behaves as a test says, one behavior per path: the model of a request names its path.
 *
 * It also watches its clients: connections opened, how many were open at once, and whether two requests were ever in
 * flight on one connection (pipelining).
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export type Behavior = (response: ServerResponse, body: string) => void;

export interface ScriptedServer {
  readonly url: (path: string) => string;
  /** Bodies of requests, as they came in whole. */
  readonly bodies: readonly string[];
  readonly requests: readonly IncomingMessage[];
  readonly connections: () => number;
  readonly connectionsAtOnceMax: () => number;
  readonly pipelined: () => boolean;
  /** Resolves when that many requests have come in. */
  readonly received: (count: number) => Promise<void>;
  /** Resolves when no client is connected. */
  readonly deserted: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function scriptedServer(behaviors: Readonly<Record<string, Behavior>>): Promise<ScriptedServer> {
  const bodies: string[] = [];
  const requests: IncomingMessage[] = [];
  const open = new Set<Socket>();
  const busy = new Set<Socket>();
  const watchers = new Set<() => void>();
  let connections = 0;
  let connectionsAtOnceMax = 0;
  let pipelined = false;
  const changed = (): void => {
    for (const watcher of watchers) watcher();
  };
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const watcher = (): void => {
        if (!condition()) return;
        watchers.delete(watcher);
        resolve();
      };
      watchers.add(watcher);
      watcher();
    });

  const server = createServer((request, response) => {
    if (busy.has(request.socket)) pipelined = true;
    busy.add(request.socket);
    response.on("close", () => busy.delete(request.socket));
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (text: string) => (body += text));
    request.on("end", () => {
      bodies.push(body);
      requests.push(request);
      behaviors[request.url?.slice(1).split("?")[0] ?? ""]?.(response, body);
      changed();
    });
  });
  server.on("connection", (socket: Socket) => {
    connections += 1;
    open.add(socket);
    connectionsAtOnceMax = Math.max(connectionsAtOnceMax, open.size);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      open.delete(socket);
      changed();
    });
  });
  server.keepAliveTimeout = 600_000; // so that a connection that closes was closed by the client
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // a listening TCP server has no other kind of address

  return {
    url: (path) => `http://127.0.0.1:${port}/${path}`,
    bodies,
    requests,
    connections: () => connections,
    connectionsAtOnceMax: () => connectionsAtOnceMax,
    pipelined: () => pipelined,
    received: (count) => until(() => requests.length >= count),
    deserted: () => until(() => open.size === 0),
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

export const finishEvent = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n';
const usageEvent =
  'data: {"choices":[],"usage":{"prompt_tokens":41,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":8}}}\n\n';
export const doneEvent = "data: [DONE]\n\n";

export function contentEvent(content: string): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: null }], usage: null })}\n\n`;
}

/** A stream as it should be. */
export const wholeStream: string = contentEvent("Hel") + contentEvent("lo 漢") + finishEvent + usageEvent + doneEvent;

export const wholeCompletion =
  '{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":41,"completion_tokens":1}}';

export function beginStream(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
}

/** Writes pieces each in a turn of the loop of its own, so that they leave as separate packets; then ends or goes on. */
export function writeInPieces(response: ServerResponse, pieces: readonly Uint8Array[], then: () => void): void {
  const [first, ...rest] = pieces;
  if (first === undefined) return then();
  response.write(first, () => setImmediate(() => writeInPieces(response, rest, then)));
}
