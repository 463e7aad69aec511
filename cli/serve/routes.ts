/** What the server answers to whom: pages and scripts, events, acts, reviews, and files for the planning board. */
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { boardPage } from "../../web/board/page.ts";
import { consolePage, type ConsolePage } from "../../web/console/page.ts";
import type { Seat } from "../../web/console/game-day.ts";
import { pageStyle } from "../../web/style.ts";
import { drillFiles } from "../drill/drill-folder.ts";
import { squallVersion } from "../version.ts";
import { hostProblem, type Keys, originProblem, seatOf } from "./access.ts";
import { actBytesMax, parseAct } from "./acts.ts";
import type { EventHub } from "./event-hub.ts";
import type { GameDayRoom } from "./game-day-room.ts";
import { type Answer, bodyOf, type Handler, problem } from "./http-server.ts";
import type { PageScript } from "./page-files.ts";
import { scenariosIn, sharedFile } from "./shared-files.ts";

export interface Site {
  /** What it was told to listen on. */
  readonly host: string;
  readonly keys: Keys;
  readonly room: GameDayRoom;
  readonly hub: EventHub;
  readonly script: (name: PageScript) => Promise<string>;
  readonly offers: ConsolePage["offers"];
  readonly settled: ConsolePage["settled"];
  /** Where the last drill left its review; undefined: nowhere yet. */
  readonly drillFolder: () => string | undefined;
  /** Folder of the scenarios that the planning board offers, and what a command line here would call it; undefined: there is no board. */
  readonly board: { readonly folder: string; readonly shown: string } | undefined;
}

interface Asked {
  readonly site: Site;
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

type Open = (asked: Asked) => Promise<Answer | undefined>;
type Seated = (asked: Asked, seat: Seat, key: string) => Promise<Answer | undefined>;

/** For everybody: what is the same for all, and tells nothing. */
const open: Readonly<Record<string, Open>> = {
  "GET /style.css": async () => text("text/css", pageStyle),
  "GET /console.js": ({ site }) => script(site, "console"),
  "GET /board.js": ({ site }) => script(site, "board"),
  "GET /board-worker.js": ({ site }) => worker(site),
};

/** For those with a key. */
const seated: Readonly<Record<string, Seated>> = {
  "GET /": ({ site }, seat, key) => gameDayConsole(site, seat, key),
  "GET /board": ({ site }, _, key) => planningBoard(site, key),
  "GET /file": file,
  "GET /events": events,
  "GET /review": ({ site }) => ofDrill(site, drillFiles.page, "text/html"),
  "GET /journal": ({ site }) => ofDrill(site, drillFiles.journal, "application/x-ndjson"),
  "POST /act": act,
};

export function handlerOf(site: Site): Handler {
  return async (request, response, url) => {
    const asked = { site, url, request, response };
    const name = `${request.method} ${url.pathname}`;
    const stranger = hostProblem(request, site.host);
    if (stranger !== undefined) return problem(421, stranger);
    if (Object.hasOwn(open, name)) return await open[name]?.(asked);
    if (!Object.hasOwn(seated, name)) return problem(404, "there is no such page");
    const header = request.headers["x-squall-key"];
    const key = typeof header === "string" ? header : (url.searchParams.get("key") ?? undefined);
    const seat = seatOf(site.keys, key);
    if (seat === undefined || key === undefined) {
      return problem(403, "the address needs a key: take the one that squall printed");
    }
    return await seated[name]?.(asked, seat, key);
  };
}

function text(type: string, body: string): Answer {
  return { status: 200, type: `${type}; charset=utf-8`, body };
}

async function gameDayConsole({ offers, settled, board }: Site, seat: Seat, key: string): Promise<Answer> {
  const scenarios = board === undefined ? [] : await scenariosIn(board.folder);
  return text("text/html", consolePage({ key, seat, offers, settled, scenarios, hasBoard: board !== undefined }));
}

async function planningBoard({ board }: Site, key: string): Promise<Answer> {
  if (board === undefined) return problem(404, "this server plays one drill: squall serve has the planning board");
  const scenarios = await scenariosIn(board.folder);
  return text("text/html", boardPage({ key, squallVersion: squallVersion(), folder: board.shown, scenarios }));
}

async function script(site: Site, name: PageScript): Promise<Answer> {
  return text("text/javascript", await site.script(name));
}

/** Vega compiles expressions of its charts to functions. The worker sees no page, and may ask this server only. */
async function worker(site: Site): Promise<Answer> {
  const policy = "default-src 'none'; script-src 'self' 'unsafe-eval'; connect-src 'self'";
  return { ...(await script(site, "board-worker")), headers: { "content-security-policy": policy } };
}

async function events({ site: { hub, room }, url, response }: Asked, seat: Seat): Promise<Answer | undefined> {
  const name = (url.searchParams.get("name") ?? "").trim().slice(0, 60);
  if (name === "") return problem(400, "say who you are: name=…");
  if (hub.isFull()) return problem(503, "too many pages are open");
  const seenNow = (): void => room.peopleAre(hub.people());
  hub.add(response, { name, seat }, { kind: "all", gameDay: room.gameDay() }, seenNow);
  seenNow();
  return undefined;
}

async function act({ site, request }: Asked, seat: Seat): Promise<Answer> {
  const foreign = originProblem(request);
  if (foreign !== undefined) return problem(403, foreign);
  const body = await bodyOf(request, actBytesMax);
  if (body === undefined) return problem(413, `no more than ${actBytesMax} bytes are taken`);
  const asked = parseAct(body);
  if (typeof asked === "string") return problem(400, asked);
  const why = await site.room.act(asked, seat);
  return why === undefined ? { status: 200, type: "application/json", body: "{}" } : problem(409, why);
}

async function ofDrill(site: Site, name: string, type: string): Promise<Answer> {
  const folder = site.room.gameDay().stage.kind === "ended" ? site.drillFolder() : undefined;
  if (folder === undefined) return problem(404, "no drill has ended yet");
  return text(type, await readFile(path.join(folder, name), "utf8"));
}

/** A file of the shared folder, streamed: a trace may be large. */
async function file({ site: { board }, url, response }: Asked): Promise<Answer | undefined> {
  const name = url.searchParams.get("path") ?? "";
  const found = board === undefined ? undefined : await sharedFile(board.folder, name);
  if (found === undefined) return problem(404, `there is no file ${name} beside the scenarios`);
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "content-length": found.bytes });
  await pipeline(found.open(), response).catch(() => response.destroy());
  return undefined;
}
