/**
 * Keep-alive connections, one request at a time on each: HTTP/1.1 without pipelining, as SDKs and gateways speak it.
 *
 * One undici `Client` is one connection. The one used last is used next, so that under falling load the others grow
 * idle and close: undici gives up an idle connection after 4 s, or 2 s before the end of the server's own `Keep-Alive:
 * timeout`, which keeps requests off connections that the server is about to close. It sets TCP_NODELAY.
 */
import { Client } from "undici";
import type { Ms } from "../../core/time.ts";

export class Connections {
  readonly #idle = new Map<string, Client[]>();
  readonly #open = new Set<Client>();
  readonly #connectTimeoutMs: Ms;

  /** `connectTimeoutMs`: wall time after which a connection that is not established is given up. */
  constructor(connectTimeoutMs: Ms) {
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  /** A connection that carries no request. The caller bounds their number, and gives each back or drops it. */
  take(origin: string): Client {
    const idle = this.#idle.get(origin)?.pop();
    if (idle !== undefined) return idle;
    const client = new Client(origin, {
      pipelining: 1,
      allowH2: false,
      headersTimeout: 0, // the client's own time limit covers both
      bodyTimeout: 0,
      connect: { timeout: this.#connectTimeoutMs },
    });
    this.#open.add(client);
    return client;
  }

  giveBack(origin: string, client: Client): void {
    const idle = this.#idle.get(origin);
    if (idle === undefined) this.#idle.set(origin, [client]);
    else idle.push(client);
  }

  /** Closes a connection whose request was given up; the server sees its client leave. */
  async drop(client: Client): Promise<void> {
    this.#open.delete(client);
    await client.destroy();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open].map((client) => this.drop(client)));
    this.#idle.clear();
  }
}
