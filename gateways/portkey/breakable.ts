/**
 * Breaks Portkey on purpose, for drills: loaded into it with `node --import`, this file makes a share of its requests fail by
 * themselves, as a bad version does, and cuts it off from everything that it reaches when it is told to (SIGUSR2, each time the
 * other way), as a node without a network is. Its own health check answers all the while.
 */
import { Server as HttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Socket } from "node:net";

/** Share of requests that fail by themselves, 0..1: in the environment of the process. */
const errorShareVariable = "SQUALL_ERROR_SHARE";
/** Turns being cut off on and off. */
const cutOffSignal = "SIGUSR2";

const errorShare = Number(process.env[errorShareVariable] ?? 0);
let posts = 0;

/** Evenly spread, so that a short drill sees the share that was asked for. */
function failsNow(): boolean {
  posts += 1;
  return Math.floor(posts * errorShare) > Math.floor((posts - 1) * errorShare);
}

const failure = JSON.stringify({
  error: { message: "this version of the gateway is broken", type: "server_error", code: "bad-version" },
});

// oxlint-disable-next-line typescript/unbound-method -- the proxy hands its receiver on
HttpServer.prototype.emit = new Proxy(HttpServer.prototype.emit, {
  apply: (emit, server: HttpServer, args: readonly unknown[]) => {
    const [event, request, response] = args as readonly [string, IncomingMessage, ServerResponse];
    if (event !== "request" || request.method !== "POST" || !failsNow()) return Reflect.apply(emit, server, args);
    request.resume();
    response.writeHead(500, { "content-type": "application/json" }).end(failure);
    return true;
  },
});

let isCutOff = false;
/** Connections that this process has made. */
const made = new Set<Socket>();

// oxlint-disable-next-line typescript/unbound-method -- the proxy hands its receiver on
Socket.prototype.connect = new Proxy(Socket.prototype.connect, {
  apply: (connect, socket: Socket, args: readonly unknown[]) => {
    if (isCutOff) return socket.destroy(unreachable());
    made.add(socket);
    socket.once("close", () => made.delete(socket));
    return Reflect.apply(connect, socket, args);
  },
});

process.on(cutOffSignal, () => {
  isCutOff = !isCutOff;
  if (isCutOff) for (const socket of made) socket.destroy(unreachable());
});

/** As Linux says it where a network is gone. */
function unreachable(): Error {
  return Object.assign(new Error("connect ENETUNREACH"), { code: "ENETUNREACH", syscall: "connect" });
}
