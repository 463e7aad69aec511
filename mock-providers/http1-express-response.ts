/**
 * A response on a connection of the express lane: as much of HTTP/1.1 as the mock's answers need, each call one write. The last
 * write, which for most answers is the only one, waits for the end of the turn.
 */
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { type Ms, secondMs } from "../core/time.ts";
import type { HttpResponse } from "./http-exchange.ts";
import type { Outbox, ReadyAnswer } from "./http1-outbox.ts";

/** How the end of a body is told: by its length, by a last chunk, or not at all where there is none. */
type Framing = "length" | "chunked" | "none";

export interface ExpressResponseOptions {
  readonly outbox: Outbox;
  readonly keepAliveMs: Ms;
  /** The answer is out. */
  readonly onAnswered: () => void;
}

export class ExpressResponse implements HttpResponse, ReadyAnswer {
  readonly socket: Socket;
  readonly #options: ExpressResponseOptions;
  #closing: boolean;
  #setHeaders = "";
  /** Status line and headers so far; undefined once they are out. */
  #head: string | undefined = "HTTP/1.1 200 OK\r\n";
  #framing: Framing = "chunked";
  #answered = false;
  /** What leaves last, while it waits to leave, and how it is encoded. */
  #last: string | undefined;
  #lastEncoding: BufferEncoding = "utf8";
  #onClose: (() => void) | undefined;
  #onDrain: (() => void) | undefined;

  constructor(socket: Socket, closing: boolean, options: ExpressResponseOptions) {
    this.socket = socket;
    this.#closing = closing;
    this.#options = options;
  }

  get destroyed(): boolean {
    return this.#answered || this.socket.destroyed;
  }

  /** The connection ends with this answer. */
  get closing(): boolean {
    return this.#closing;
  }

  setHeader(name: string, value: string): void {
    if (name === "connection") this.#closing ||= value === "close";
    else this.#setHeaders += `${name}: ${value}\r\n`;
  }

  /** Names in lower case. A body without a length goes in chunks. */
  writeHead(status: number, headers: readonly string[] = []): this {
    let lines = "";
    for (let index = 0; index + 1 < headers.length; index += 2) {
      if (headers[index] === "content-length") this.#framing = "length";
      lines += `${headers[index]}: ${headers[index + 1]}\r\n`;
    }
    if (status === 204 || status === 304) this.#framing = "none";
    this.#head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${this.#setHeaders}${lines}`;
    return this;
  }

  flushHeaders(): void {
    const head = this.#takeHead();
    if (head !== "") this.socket.write(head, "latin1");
  }

  write(text: string, encoding: BufferEncoding): boolean {
    const head = this.#takeHead();
    return this.socket.write(head + this.#framed(text, encoding), encoding);
  }

  end(text = "", encoding: BufferEncoding = "utf8"): void {
    if (this.#answered) return;
    this.#answered = true;
    const head = this.#takeHead();
    const last = this.#framing === "chunked" ? "0\r\n\r\n" : "";
    this.#last = head + this.#framed(text, encoding) + last;
    this.#lastEncoding = encoding;
    this.#options.outbox.add(this);
  }

  /** Writes what waits in the outbox, if anything does. */
  leave(): void {
    if (this.#last === undefined) return;
    this.socket.write(this.#last, this.#lastEncoding);
    this.#last = undefined;
    this.#options.onAnswered();
  }

  once(event: "close" | "drain", listener: () => void): void {
    if (event === "drain") {
      this.#onDrain = listener;
      return;
    }
    const before = this.#onClose;
    this.#onClose = () => {
      before?.();
      listener();
    };
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** The socket has room again. */
  drained(): void {
    const listener = this.#onDrain;
    this.#onDrain = undefined;
    listener?.();
  }

  /** The connection was closed before the answer was out. */
  closed(): void {
    this.#onClose?.();
  }

  /** The whole head, once. */
  #takeHead(): string {
    const head = this.#head;
    if (head === undefined) return "";
    this.#head = undefined;
    const framing = this.#framing === "chunked" ? "transfer-encoding: chunked\r\n" : "";
    return head + framing + generalHeaders(this.#closing, this.#options.keepAliveMs);
  }

  #framed(text: string, encoding: BufferEncoding): string {
    if (this.#framing !== "chunked" || text === "") return text;
    return `${byteLength(text, encoding).toString(16)}\r\n${text}\r\n`;
  }
}

function byteLength(text: string, encoding: BufferEncoding): number {
  return encoding === "latin1" ? text.length : Buffer.byteLength(text, encoding);
}

/** The end of every head. Those of an answer that keeps its connection are the same for a second. */
function generalHeaders(closing: boolean, keepAliveMs: Ms): string {
  const second = Math.floor(Date.now() / secondMs);
  if (second !== dateSecond) {
    dateSecond = second;
    dateHeader = `date: ${new Date(second * secondMs).toUTCString()}\r\n`;
  }
  const connection = closing
    ? "connection: close\r\n\r\n"
    : `connection: keep-alive\r\nkeep-alive: timeout=${Math.floor(keepAliveMs / secondMs)}\r\n\r\n`;
  return dateHeader + connection;
}

let dateSecond = 0;
let dateHeader = "";
