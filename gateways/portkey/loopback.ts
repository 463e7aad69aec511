/**
 * Keeps Portkey on loopback. Portkey 1.15.2 listens on every interface, asks for no key and has no option for either: on a
 * shared network it is an open relay. Loaded into it with `node --import`, this file gives every server that names a port
 * but no host the loopback address.
 */
import { Server } from "node:net";

// oxlint-disable-next-line typescript/unbound-method -- the proxy hands its receiver on
Server.prototype.listen = new Proxy(Server.prototype.listen, {
  apply: (listen, server: Server, args: readonly unknown[]) => Reflect.apply(listen, server, onLoopback(args)),
});

/** `listen(port, host?, …)` is the form that @hono/node-server 1.14.1 uses; other forms pass unchanged. */
function onLoopback(args: readonly unknown[]): readonly unknown[] {
  const [port, host, ...rest] = args;
  if (typeof port !== "number" || typeof host === "string") return args;
  return host === undefined ? [port, "127.0.0.1", ...rest] : [port, "127.0.0.1", host, ...rest];
}
