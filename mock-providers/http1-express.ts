/**
 * A short way for the requests that come by the ten thousand.
 *
 * A POST of known length that arrives whole in one read needs little of what node:http can do, and that costs about as much as all
 * that the mock does to answer it. Anything else (another method, a body in parts or in chunks, a second request behind the first, a
 * header twice, a character out of place) goes, bytes and all, to node:http, which keeps that connection from then on. So every
 * rule of HTTP is node's own; this file only has to be right about the simplest request there is, and never waits for the rest of
 * one.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import type { Ms } from "../core/time.ts";
import { parseSimplePost, type SimplePost } from "./http1-simple-post.ts";
import { ExpressResponse, type ExpressResponseOptions } from "./http1-express-response.ts";
import type { HttpRequest, HttpResponse } from "./http-exchange.ts";
import { Outbox } from "./http1-outbox.ts";

export interface ExpressOptions {
  readonly onRequest: (request: HttpRequest, response: HttpResponse) => void;
  /** Takes the connection over; the bytes that it has to read are back in the paused socket. */
  readonly handOver: (socket: Socket) => void;
  /** Idle connections are closed after this, wall time. */
  readonly keepAliveMs: Ms;
}

/** Connections that others accepted. */
export interface ExpressLane {
  /** The socket may be paused and have bytes waiting. */
  readonly serve: (socket: Socket) => void;
  /** Closes idle connections now and the others after their answer. */
  readonly close: () => void;
  /** Cuts what is left. */
  readonly destroy: () => void;
}

export function expressLane(options: ExpressOptions): ExpressLane {
  const connections = new Set<Connection>();
  const outbox = new Outbox();
  return {
    serve: (socket) => {
      const connection = new Connection(socket, options, outbox, () => connections.delete(connection));
      connections.add(connection);
      connection.listen();
    },
    close: () => {
      for (const connection of connections) connection.close();
    },
    destroy: () => {
      for (const connection of connections) connection.destroy();
    },
  };
}

class Connection {
  readonly #socket: Socket;
  readonly #options: ExpressOptions;
  readonly #onGone: () => void;
  readonly #responding: ExpressResponseOptions;
  #response: ExpressResponse | undefined;
  /** Bytes that came before the answer to the last request was out. Reading stops meanwhile. */
  #early: Buffer | undefined;
  #closing = false;

  /** `onGone`: closed, or somebody else's. */
  constructor(socket: Socket, options: ExpressOptions, outbox: Outbox, onGone: () => void) {
    this.#socket = socket;
    this.#options = options;
    this.#onGone = onGone;
    this.#responding = { outbox, keepAliveMs: options.keepAliveMs, onAnswered: () => this.#onAnswered() };
  }

  listen(): void {
    const socket = this.#socket;
    // One listener each for the life of the connection: listeners per request would pile up on it.
    socket.on("data", this.#onData);
    socket.on("drain", this.#onDrain);
    socket.on("end", this.#onEnd);
    socket.on("error", this.#onError);
    socket.on("timeout", this.#onTimeout);
    socket.on("close", this.#onClose);
    socket.setTimeout(this.#options.keepAliveMs);
    socket.resume();
  }

  close(): void {
    this.#closing = true;
    if (this.#response === undefined) this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#response !== undefined) {
      this.#socket.pause();
      this.#early = this.#early === undefined ? chunk : Buffer.concat([this.#early, chunk]);
      return;
    }
    const post = parseSimplePost(chunk);
    if (post === undefined) this.#handOver(chunk);
    else this.#begin(post);
  };

  #begin(post: SimplePost): void {
    const response = new ExpressResponse(this.#socket, this.#closing, this.#responding);
    this.#response = response;
    const request = new ExpressRequest(post, this.#socket);
    this.#options.onRequest(request, response);
    request.deliver();
  }

  /** The answer is out; the next request may come, or be there already. */
  #onAnswered(): void {
    const lastAnswer = this.#closing || this.#response?.closing === true;
    this.#response = undefined;
    if (lastAnswer) {
      this.#socket.destroySoon();
      return;
    }
    const early = this.#early;
    if (early === undefined) return;
    this.#early = undefined;
    this.#handOver(early);
  }

  #handOver(bytes: Buffer): void {
    const socket = this.#socket;
    socket.pause();
    socket.off("data", this.#onData);
    socket.off("drain", this.#onDrain);
    socket.off("end", this.#onEnd);
    socket.off("error", this.#onError);
    socket.off("timeout", this.#onTimeout);
    socket.off("close", this.#onClose);
    socket.setTimeout(0);
    socket.unshift(bytes);
    this.#onGone();
    this.#options.handOver(socket);
  }

  readonly #onDrain = (): void => this.#response?.drained();

  /** A client that closes its side has left, as node:http sees it too; what is ready it may still read. */
  readonly #onEnd = (): void => {
    this.#response?.leave();
    this.#socket.destroySoon();
  };

  /** A connection that was reset closes next, which is all that the mock has to know. */
  readonly #onError = (): void => undefined;

  readonly #onTimeout = (): void => {
    if (this.#response === undefined) this.#socket.destroy();
  };

  readonly #onClose = (): void => {
    this.#onGone();
    this.#response?.closed();
  };
}

class ExpressRequest implements HttpRequest {
  readonly method = "POST";
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly #body: Buffer;
  readonly #socket: Socket;
  #onData: ((chunk: Buffer) => void) | undefined;
  #onEnd: (() => void) | undefined;

  constructor(post: SimplePost, socket: Socket) {
    this.url = post.url;
    this.headers = post.headers;
    this.#body = post.body;
    this.#socket = socket;
  }

  on(event: "data", listener: (chunk: Buffer) => void): void;
  on(event: "end", listener: () => void): void;
  on(event: "data" | "end", listener: ((chunk: Buffer) => void) & (() => void)): void {
    if (event === "data") this.#onData = listener;
    else this.#onEnd = listener;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Hands the body to those who asked for it. */
  deliver(): void {
    if (this.#body.length > 0) this.#onData?.(this.#body);
    this.#onEnd?.();
  }
}
