/**
 * One port for HTTP/1.1 and cleartext HTTP/2: the first bytes of a connection tell which it is.
 *
 * A client that knows beforehand that it speaks to an HTTP/2 server begins with a preface that is no HTTP/1.1 request (RFC 9113
 * section 3.4). The AWS SDK does so for Bedrock. Looking costs a connection one read and a request nothing.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { invariant } from "../core/invariant.ts";
import type { Ms } from "../core/time.ts";

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Who serves a connection; its first bytes are back in the socket, which is paused. */
export interface Protocols {
  readonly http1: (socket: Socket) => void;
  readonly http2: (socket: Socket) => void;
}

/** How node:http serves a connection of its own. Takes the connections of `server` away from it, so that others can look first. */
export function takeConnections(server: Server): (socket: Socket) => void {
  const [serve, ...others] = server.listeners("connection");
  invariant(serve !== undefined && others.length === 0, "node:http serves connections with one listener");
  server.removeAllListeners("connection");
  return (socket) => {
    serve.call(server, socket);
    socket.resume();
  };
}

/**
 * Looks at each connection of `server` and hands it to whom it is for. A connection on which too little comes in `waitMsMax` to tell is
 * closed; so are all such when what is returned is called.
 */
export function tellApart(server: Server, protocols: Protocols, waitMsMax: Ms): () => void {
  const silent = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    silent.add(socket);
    socket.once("close", () => silent.delete(socket));
    firstBytes(socket, waitMsMax, (isHttp2) => {
      silent.delete(socket);
      // HTTP/2 takes what is in the socket by itself; once it flows, nothing would be there.
      if (isHttp2) protocols.http2(socket);
      else protocols.http1(socket);
    });
  });
  return () => {
    for (const socket of silent) socket.destroy();
  };
}

/** Calls back once, with the bytes back in the paused socket; never when it closes before it can tell. */
function firstBytes(socket: Socket, waitMsMax: Ms, tell: (isHttp2: boolean) => void): void {
  let seen: Buffer = Buffer.alloc(0);
  const giveUp = (): void => {
    socket.destroy();
  };
  const onData = (chunk: Buffer): void => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const length = Math.min(seen.length, preface.length);
    const isHttp2 = seen.compare(preface, 0, length, 0, length) === 0;
    if (isHttp2 && length < preface.length) return;
    socket.pause();
    socket.off("data", onData);
    socket.off("error", giveUp);
    socket.off("end", giveUp);
    socket.off("timeout", giveUp);
    socket.setTimeout(0);
    socket.unshift(seen);
    tell(isHttp2);
  };
  socket.on("error", giveUp);
  // A client that left without a word: what accepted it would keep its own half open.
  socket.on("end", giveUp);
  socket.on("timeout", giveUp);
  socket.setTimeout(waitMsMax);
  socket.on("data", onData);
}
