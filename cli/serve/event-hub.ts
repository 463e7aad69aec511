/** Sends changes to every page that is open, as server-sent events; knows who is there. */
import type { ServerResponse } from "node:http";
import type { Change, Person } from "../../web/console/game-day.ts";
import type { Ms } from "../../core/time.ts";

/** Pages that may be open at once. */
export const listenersMax = 64;

/** What waits for a page that does not read; beyond that it is cut off, and asks for everything again when it is back. */
const unreadBytesMax = 4 * 1_048_576;

/** A word now and then, so that nobody in between takes the connection for dead. */
const heartbeatMs: Ms = 15_000;

export class EventHub {
  readonly #listeners = new Map<ServerResponse, Person>();
  readonly #heartbeat: NodeJS.Timeout;

  constructor() {
    this.#heartbeat = setInterval(() => this.#each(": here\n\n"), heartbeatMs);
    this.#heartbeat.unref();
  }

  isFull(): boolean {
    return this.#listeners.size >= listenersMax;
  }

  /** Those with a page open, each once, in the order in which they came. */
  people(): readonly Person[] {
    const known = new Map([...this.#listeners.values()].map((person) => [`${person.seat} ${person.name}`, person]));
    return [...known.values()];
  }

  /** Sends `first` to the page, and every change from now on. `gone` is called when the page has left. */
  add(response: ServerResponse, person: Person, first: Change, gone: () => void): void {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    this.#listeners.set(response, person);
    response.write(eventOf(first));
    response.once("close", () => {
      this.#listeners.delete(response);
      gone();
    });
  }

  send(change: Change): void {
    this.#each(eventOf(change));
  }

  close(): void {
    clearInterval(this.#heartbeat);
    for (const response of this.#listeners.keys()) response.destroy();
  }

  #each(text: string): void {
    for (const response of this.#listeners.keys()) {
      if (response.writableLength > unreadBytesMax) response.destroy();
      else response.write(text);
    }
  }
}

function eventOf(change: Change): string {
  return `data: ${JSON.stringify(change)}\n\n`;
}
