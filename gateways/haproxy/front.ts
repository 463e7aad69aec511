/**
 * A running HAProxy in front of a fleet: its slots, its maps, its counts.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { environmentNotReady } from "../../core/errors.ts";
import { type Ms, secondMs } from "../../core/time.ts";
import { endedByItself } from "../child/child-process.ts";
import { loopback } from "../child/loopback-port.ts";
import { processUsage } from "../child/process-usage.ts";
import { startServer } from "../child/server-process.ts";
import type { HaproxyBinary } from "./binary.ts";
import {
  admission,
  backend,
  barredTenants,
  haproxyConfig,
  type HaproxySettings,
  mapIn,
  modelKey,
  sessionParts,
  slotPrefix,
  socketIn,
  switchedKey,
  switchedModels,
} from "./config.ts";
import { runtimeCommand } from "./runtime-socket.ts";
import { type HaproxyCounts, parseStatistics } from "./statistics.ts";

/** Values of a header by model. */
export type HeaderValues = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** Models that others answer for: for which share of the conversations, and the headers that those requests get. */
export interface Switches {
  readonly shares: ReadonlyMap<string, number>;
  readonly values: HeaderValues;
}

export interface HaproxyStart extends Omit<HaproxySettings, "port" | "folder"> {
  /** A free one unless given. */
  readonly port?: number | undefined;
  readonly binary: HaproxyBinary;
  /** First values of the headers, by name of the header. */
  readonly values: HeaderValues;
  readonly readyTimeoutMs: Ms;
  readonly signal: AbortSignal;
}

/** What the fleet asks of whatever stands in front of it. */
export interface Front {
  /** `haproxy 2.6.12`. */
  readonly description: string;
  /** Where clients send: `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** A replica on this port moves into an empty slot; it gets nothing yet. */
  readonly settle: (slot: number, port: number) => Promise<void>;
  /** `drain`: no more, and what it has goes on; `empty`: nobody lives there any more. */
  readonly turn: (slot: number, state: "serve" | "drain" | "empty") => Promise<void>;
  /** Share of what an equal among equals gets, 0..1. */
  readonly weigh: (slot: number, share: number) => Promise<void>;
  readonly counts: () => Promise<HaproxyCounts>;
  /** Its maxima begin anew. */
  readonly forgetMaxima: () => Promise<void>;
  /** Headers that are added from the next request on. A header that was not there at the start cannot be added. */
  readonly setHeaders: (values: HeaderValues) => Promise<void>;
  /** In place of those before; a model without a share answers for itself. */
  readonly switchModels: (switches: Switches) => Promise<void>;
  /** Turns a tenant's requests away with 429, asking it to wait for so long; undefined: lets them in again. */
  readonly bar: (tenant: string, retryAfterMs: Ms | undefined) => Promise<void>;
  readonly admit: (requests: boolean) => Promise<void>;
  readonly usage: () => ReturnType<typeof processUsage>;
  /** Resolves with a reason if it ends by itself. Never rejects. */
  readonly exited: Promise<string>;
  readonly stop: (deadlineMs: Ms) => Promise<void>;
}

const checkTimeoutMs = 10_000;

/** Checks the configuration, starts HAProxy, waits until it answers. Throws `haproxy-config`, or as `startServer` does. */
export async function startHaproxy(start: HaproxyStart): Promise<Front> {
  // A short path: that of a Unix socket has at most some 100 bytes.
  const folder = mkdtempSync(path.join(tmpdir(), "squall-lb-"));
  const configFile = path.join(folder, "haproxy.cfg");
  const write = (port: number): void => writeFileSync(configFile, haproxyConfig({ ...start, port, folder }));
  try {
    writeFileSync(mapIn(folder, admission), "requests admitted\n");
    for (const map of [barredTenants, switchedModels]) writeFileSync(mapIn(folder, map), "");
    for (const header of start.headers) writeFileSync(mapIn(folder, header), mapText(start.values.get(header) ?? {}));
    write(1);
    await check(start.binary.file, configFile);
    const server = await startServer({
      name: "haproxy",
      commandFor: (port) => {
        write(port);
        return { command: start.binary.file, args: ["-f", configFile, "-db"] };
      },
      probe: () =>
        runtimeCommand(socketIn(folder), "show info").then(
          () => true,
          () => false,
        ),
      port: start.port ?? 0,
      readyTimeoutMs: start.readyTimeoutMs,
      signal: start.signal,
    });
    return frontOf(start, folder, server);
  } catch (cause) {
    rmSync(folder, { recursive: true, force: true });
    throw cause;
  }
}

function frontOf(
  { binary, headers }: HaproxyStart,
  folder: string,
  { child, port }: Awaited<ReturnType<typeof startServer>>,
): Front {
  const socket = socketIn(folder);
  const tell = async (command: string): Promise<void> => {
    const answer = await runtimeCommand(socket, command);
    if (!isRefusal(answer)) return;
    throw environmentNotReady(`HAProxy refused "${command.slice(0, 80)}": ${answer}`, { code: "haproxy-refused" });
  };
  const server = (slot: number): string => `${backend}/${slotPrefix}${slot}`;
  /** Whether the key is there or not: nobody ever finds it missing in between. */
  const put = async (map: string, key: string, value: string): Promise<void> => {
    const file = mapIn(folder, map);
    if (isRefusal(await runtimeCommand(socket, `set map ${file} ${key} ${value}`))) {
      await tell(`add map ${file} ${key} ${value}`);
    }
  };
  const remove = (map: string, key: string): Promise<void> => tell(`del map ${mapIn(folder, map)} ${key}`);
  let switched: readonly string[] = [];
  return {
    description: `haproxy ${binary.version}`,
    origin: `http://${loopback}:${port}`,
    settle: (slot, to) => tell(`set server ${server(slot)} addr ${loopback} port ${to}`),
    turn: (slot, state) =>
      tell(`set server ${server(slot)} state ${{ serve: "ready", drain: "drain", empty: "maint" }[state]}`),
    weigh: (slot, share) => tell(`set server ${server(slot)} weight ${Math.round(share * 100)}%`),
    counts: async () => parseStatistics(await runtimeCommand(socket, "show stat")),
    forgetMaxima: () => tell("clear counters"),
    setHeaders: async (values) => {
      for (const header of headers) {
        for (const [model, value] of Object.entries(values.get(header) ?? {})) {
          await tell(`set map ${mapIn(folder, header)} ${modelKey(model)} ${base64(value)}`);
        }
      }
    },
    switchModels: async ({ shares, values }) => {
      // A request finds its headers before it is sent there, and none is sent there any more before they go.
      for (const [header, byModel] of values) {
        for (const [model, value] of Object.entries(byModel))
          await put(header, switchedKey(modelKey(model)), base64(value));
      }
      const before = switched;
      switched = [...shares.keys()];
      for (const [model, share] of shares) {
        await put(switchedModels, modelKey(model), String(Math.round(share * sessionParts)));
      }
      for (const model of before) if (!shares.has(model)) await remove(switchedModels, modelKey(model));
    },
    bar: (tenant, retryAfterMs) => {
      if (retryAfterMs === undefined) return remove(barredTenants, modelKey(tenant));
      return put(barredTenants, modelKey(tenant), String(Math.ceil(retryAfterMs / secondMs)));
    },
    admit: (requests) => tell(`set map ${mapIn(folder, admission)} requests ${requests ? "admitted" : "stopped"}`),
    usage: () => processUsage(child.pid),
    exited: endedByItself(child),
    stop: async (deadlineMs) => {
      await child.stop(deadlineMs);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Throws `haproxy-config` with what HAProxy says about it. */
async function check(binary: string, file: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    execFile(binary, ["-c", "-f", file], { timeout: checkTimeoutMs }, (cause, stdout, stderr) => {
      if (cause === null) return resolve();
      const said = `${stdout}${stderr}`.trim().split("\n").slice(-5).join("\n");
      reject(environmentNotReady(`HAProxy refuses the fleet's configuration:\n${said}`, { code: "haproxy-config" }));
    });
  });
}

/** A command that succeeds answers nothing, or says what it changed. */
function isRefusal(answer: string): boolean {
  return answer !== "" && !/^(no need to change|IP changed|port changed|.*changed from|Key not found)/i.test(answer);
}

/** Keys are separated from values by spaces, so values travel without any. */
function mapText(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([model, value]) => `${modelKey(model)} ${base64(value)}\n`)
    .join("");
}

function base64(value: string): string {
  return Buffer.from(value, "utf8").toString("base64");
}
