/**
 * Free loopback ports. A port found free may be taken before the program binds it, so whoever uses one must be ready to
 * try another (server-process.ts does).
 */
import { createServer } from "node:net";
import { environmentNotReady } from "../../core/errors.ts";

export const loopback = "127.0.0.1";

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return listenOnce(0);
}

/** Throws `port-taken` when somebody listens there already. */
export async function assertPortFree(port: number, wantedBy: string): Promise<void> {
  try {
    await listenOnce(port);
  } catch (cause) {
    throw environmentNotReady(`${wantedBy} cannot listen on ${loopback}:${port}: ${reasonOf(cause)}`, {
      code: "port-taken",
      hint: "stop what listens there, or let Squall pick a free port (port 0)",
      cause,
    });
  }
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, loopback, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return code === "EADDRINUSE" ? "the port is taken" : String(cause);
}
