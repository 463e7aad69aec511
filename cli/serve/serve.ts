/** The server behind `squall serve` and `squall drill --console`: one room, one address for each seat. */
import type { Seat } from "../../web/console/game-day.ts";
import { freshKeys } from "./access.ts";
import { EventHub } from "./event-hub.ts";
import { GameDayRoom, type PlayDrill, type RoomOptions } from "./game-day-room.ts";
import { listen } from "./http-server.ts";
import { pageFiles } from "./page-files.ts";
import { handlerOf, type Site } from "./routes.ts";

export interface ServeOptions extends Omit<Site, "keys" | "room" | "hub" | "script"> {
  /** 0: any free one. */
  readonly port: number;
  readonly play: PlayDrill;
  readonly onEnd: RoomOptions["onEnd"];
}

export interface Serving {
  /** The address of each seat, with its key. */
  readonly addresses: Readonly<Record<Seat, string>>;
  /** Waits for a drill that is played, then closes everything. */
  readonly stop: () => Promise<void>;
}

/** Rejects with `port-taken` or `address-unavailable`. */
export async function startServing(options: ServeOptions): Promise<Serving> {
  const { host, port, play, onEnd } = options;
  const keys = freshKeys();
  const hub = new EventHub();
  const wallTime = (): string => new Date().toISOString();
  const once = options.settled !== undefined;
  const room = new GameDayRoom({ play, once, onEnd, wallTime, send: (change) => hub.send(change) });
  const server = await listen(host, port, handlerOf({ ...options, keys, room, hub, script: pageFiles() }));
  const shown = host.includes(":") ? `[${host}]` : host;
  const address = (seat: Seat): string => `http://${shown}:${server.port}/?key=${keys[seat]}`;
  return {
    addresses: {
      "incident-lead": address("incident-lead"),
      responder: address("responder"),
      observer: address("observer"),
    },
    stop: async () => {
      await room.idle();
      hub.close();
      await server.close();
    },
  };
}
