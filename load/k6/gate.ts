/**
 * The gate that k6 waits at: each instance asks for it once its virtual users are ready, and is answered when its phase may
 * begin. So a phase begins when Squall says so, and not when k6 happens to have started.
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Gate {
  readonly url: string;
  /** Resolves when somebody waits. */
  readonly knocked: () => Promise<void>;
  /** Lets in whoever waits. */
  readonly open: () => void;
  readonly close: () => Promise<void>;
}

export async function startGate(): Promise<Gate> {
  let waiting: ServerResponse[] = [];
  let knock = Promise.withResolvers<void>();
  const server = createServer((_request, response) => {
    waiting.push(response);
    knock.resolve();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo; // a listening TCP server has no other kind of address
  return {
    url: `http://127.0.0.1:${port}/`,
    knocked: () => knock.promise,
    open: () => {
      for (const response of waiting) response.end();
      waiting = [];
      knock = Promise.withResolvers<void>();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
