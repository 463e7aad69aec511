/**
 * Requests that come by HTTP/2, as the rest of the mock knows requests.
 *
 * A fault that resets or cuts a connection does so to all of its streams, as it would in the real world. (The AWS SDK opens a
 * connection per request.)
 */
import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import type { Ms } from "../core/time.ts";
import type { HttpConnection, HttpRequest, HttpResponse } from "./http-exchange.ts";

export interface Http2Options {
  readonly headerBytesMax: number;
  /** How long a client may keep us waiting for its body, and a connection may be idle; wall time. */
  readonly requestMsMax: Ms;
  readonly keepAliveMs: Ms;
}

/** Speaks HTTP/2 on connections that others accepted. */
export interface Http2Connections {
  /** Bytes read before have to be back in the socket. */
  readonly serve: (socket: Socket) => void;
  /** Takes no more streams; connections close when theirs have ended. */
  readonly close: () => void;
  /** Cuts what is left. */
  readonly destroy: () => void;
}

/** At once on one connection; RFC 9113 advises at least 100. */
const streamsMax = 1_000;

export function http2Connections(
  options: Http2Options,
  onRequest: (request: HttpRequest, response: HttpResponse) => void,
): Http2Connections {
  const settings = { maxConcurrentStreams: streamsMax, maxHeaderListSize: options.headerBytesMax };
  const server: Http2Server = createServer({ settings });
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.setTimeout(options.keepAliveMs, () => session.close());
    session.once("close", () => sessions.delete(session));
  });
  // A client that breaks the protocol or its connection: its streams close, which is all that the mock has to know.
  server.on("sessionError", () => undefined);
  server.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    // A deadline and not a limit on silence: a byte now and then would hold that off for ever.
    const late = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), options.requestMsMax);
    stream.once("end", () => clearTimeout(late));
    stream.once("close", () => clearTimeout(late));
    onRequest(requestOf(stream, headers), new Http2Response(stream));
  });
  return {
    serve: (socket) => {
      // A client that gives up closes its half (the AWS SDK does), and nobody reads the rest of its streams.
      socket.allowHalfOpen = false;
      server.emit("connection", socket);
    },
    close: () => {
      for (const session of sessions) session.close();
    },
    destroy: () => {
      for (const session of sessions) session.destroy();
    },
  };
}

function requestOf(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): HttpRequest {
  return {
    method: headers[":method"],
    url: headers[":path"],
    headers,
    on: (event: "data" | "end", listener: (chunk: Buffer) => void) => {
      if (event === "data") stream.on("data", listener);
      // A stream that was reset ends, too.
      else stream.on("end", () => stream.aborted || listener(Buffer.alloc(0)));
    },
    destroy: () => stream.close(),
  };
}

/** Headers about a connection, which HTTP/2 does not allow (RFC 9113 section 8.2.2). */
const connectionHeaders: ReadonlySet<string> = new Set(["connection", "keep-alive", "transfer-encoding"]);

class Http2Response implements HttpResponse {
  readonly #stream: ServerHttp2Stream;
  readonly #headers: OutgoingHttpHeaders = {};

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
  }

  get destroyed(): boolean {
    return this.#stream.destroyed;
  }

  get socket(): HttpConnection | undefined {
    const stream = this.#stream;
    const socket = stream.session?.socket;
    if (socket === undefined) return undefined;
    return {
      destroySoon: () => stream.write(Buffer.alloc(0), () => socket.destroySoon()),
      resetAndDestroy: () => socket.resetAndDestroy(),
    };
  }

  setHeader(name: string, value: string): void {
    const lowerCase = name.toLowerCase();
    if (!connectionHeaders.has(lowerCase)) this.#headers[lowerCase] = value;
  }

  writeHead(status: number, headers: readonly string[] = []): this {
    for (let index = 0; index + 1 < headers.length; index += 2) {
      this.setHeader(headers[index] ?? "", headers[index + 1] ?? "");
    }
    this.#headers[":status"] = status;
    return this;
  }

  flushHeaders(): void {
    if (!this.#stream.headersSent && !this.destroyed) this.#stream.respond(this.#headers);
  }

  write(text: string, encoding: BufferEncoding): boolean {
    this.flushHeaders();
    return this.#stream.write(text, encoding);
  }

  end(text = "", encoding: BufferEncoding = "utf8"): void {
    this.flushHeaders();
    this.#stream.end(text, encoding);
  }

  once(event: "close" | "drain", listener: () => void): void {
    this.#stream.once(event, listener);
  }

  destroy(): void {
    this.#stream.close();
  }
}
