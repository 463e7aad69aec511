/**
 * A request and a response of the Fetch standard, as the rest of the mock knows them.
 *
 * A fault that cuts or resets a connection becomes a network error; what the real transport would add (`date`, `keep-alive`) is left out.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { HttpConnection, HttpRequest, HttpResponse } from "../http-exchange.ts";

/** Statuses whose answers have no body (Fetch standard, "null body status"). */
const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

export interface FetchExchange {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  /** Hands the body to those who asked for it. */
  readonly deliver: () => void;
  /** Settles when the headers leave. */
  readonly answer: Promise<Response>;
}

/** `body`: the request's, read. `target`: path and query as the mock is to see them. */
export function fetchExchange(request: Request, target: string, body: Buffer): FetchExchange {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const response = new FetchResponse(resolve);
  const incoming = new FetchRequest(request, target, body, () => response.destroy());
  if (request.signal.aborted) response.destroy();
  else request.signal.addEventListener("abort", () => response.destroy(), { once: true });
  return { request: incoming, response, deliver: () => incoming.deliver(), answer: promise };
}

class FetchRequest implements HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly destroy: () => void;
  readonly #body: Buffer;
  #onData: ((chunk: Buffer) => void) | undefined;
  #onEnd: (() => void) | undefined;

  constructor(request: Request, target: string, body: Buffer, destroy: () => void) {
    this.method = request.method;
    this.url = target;
    this.headers = { host: new URL(request.url).host, ...Object.fromEntries(request.headers) };
    this.destroy = destroy;
    this.#body = body;
  }

  on(event: "data", listener: (chunk: Buffer) => void): void;
  on(event: "end", listener: () => void): void;
  on(event: "data" | "end", listener: ((chunk: Buffer) => void) & (() => void)): void {
    if (event === "data") this.#onData = listener;
    else this.#onEnd = listener;
  }

  deliver(): void {
    if (this.#body.length > 0) this.#onData?.(this.#body);
    this.#onEnd?.();
  }
}

class FetchResponse implements HttpResponse {
  readonly socket: HttpConnection;
  readonly #answer: (response: Response) => void;
  readonly #headers: [string, string][] = [];
  readonly #onClose: (() => void)[] = [];
  #status = 200;
  #body: ReadableStreamDefaultController<Uint8Array> | undefined;
  #onDrain: (() => void) | undefined;
  #closed = false;
  /** It breaks once its reader has what was written. */
  #breaking = false;

  constructor(answer: (response: Response) => void) {
    this.#answer = answer;
    this.socket = { destroySoon: () => this.#destroySoon(), resetAndDestroy: () => this.destroy() };
  }

  get destroyed(): boolean {
    return this.#closed;
  }

  setHeader(name: string, value: string): void {
    this.#headers.push([name, value]);
  }

  writeHead(status: number, headers: readonly string[] = []): this {
    this.#status = status;
    for (let index = 0; index + 1 < headers.length; index += 2) {
      this.#headers.push([headers[index] ?? "", headers[index + 1] ?? ""]);
    }
    return this;
  }

  flushHeaders(): void {
    if (this.#body !== undefined || this.#closed) return;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#body = controller;
      },
      pull: () => this.#drained(),
      cancel: () => this.#close(),
    });
    // As the real transport frames it: without a frame, a body that broke off would look complete.
    const headers = [...this.#headers, ["transfer-encoding", "chunked"] satisfies [string, string]];
    this.#answer(new Response(stream, { status: this.#status, headers }));
  }

  write(text: string, encoding: BufferEncoding): boolean {
    this.flushHeaders();
    if (this.#closed) return true;
    if (text !== "") this.#body?.enqueue(Buffer.from(text, encoding));
    return (this.#body?.desiredSize ?? 1) > 0;
  }

  end(text = "", encoding: BufferEncoding = "utf8"): void {
    if (this.#closed) return;
    if (this.#body === undefined) {
      const body = bodiless.has(this.#status) ? null : Buffer.from(text, encoding);
      this.#answer(new Response(body, { status: this.#status, headers: this.#headers }));
    } else {
      this.write(text, encoding);
      this.#body.close();
    }
    this.#close();
  }

  once(event: "close" | "drain", listener: () => void): void {
    if (event === "close") this.#onClose.push(listener);
    else this.#onDrain = listener;
  }

  /** A client sees a connection that broke. */
  destroy(): void {
    if (this.#closed) return;
    if (this.#body === undefined) this.#answer(Response.error());
    else this.#body.error(new TypeError("terminated", { cause: new Error("the connection was closed") }));
    this.#close();
  }

  #destroySoon(): void {
    const hasUnread = this.#body !== undefined && (this.#body.desiredSize ?? 1) < 1;
    if (hasUnread) this.#breaking = true;
    else this.destroy();
  }

  #drained(): void {
    // A turn later, when the reader has passed on what it took.
    if (this.#breaking) setImmediate(() => this.destroy());
    const listener = this.#onDrain;
    this.#onDrain = undefined;
    listener?.();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const listener of this.#onClose.splice(0)) listener();
  }
}
