/**
 * What the mock needs of a request and of its response, whichever version of HTTP they travel by.
 *
 * Those of `node:http` are so by nature; `http2.ts` makes the others.
 */
import type { IncomingHttpHeaders } from "node:http";

export interface HttpRequest {
  readonly method?: string | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
  /** Names in lower case. Over HTTP/2 the pseudo headers are among them: `:authority` says what `host` says elsewhere. */
  readonly headers: IncomingHttpHeaders;
  on(event: "data", listener: (chunk: Buffer) => void): unknown;
  /** `end`: the whole body has come; never when the client leaves before. */
  on(event: "end", listener: () => void): unknown;
  destroy(): unknown;
}

export interface HttpResponse {
  /** The client has left, or everything is said. */
  readonly destroyed: boolean;
  /** The connection beneath; undefined or null when there is none any more. */
  readonly socket: HttpConnection | null | undefined;
  setHeader(name: string, value: string): unknown;
  /** Names and values in turn. */
  writeHead(status: number, headers?: string[]): HttpResponse;
  flushHeaders(): void;
  /** False: wait for `drain`. */
  write(text: string, encoding: BufferEncoding): boolean;
  end(text?: string, encoding?: BufferEncoding): unknown;
  once(event: "close" | "drain", listener: () => void): unknown;
  destroy(): unknown;
}

export interface HttpConnection {
  /** Closes it once all that was written is out. */
  destroySoon(): unknown;
  resetAndDestroy(): unknown;
}
