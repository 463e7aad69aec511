/**
 * The mock providers of a live run: `squall mock` in a process of its own, so that load engine and providers cannot slow
 * each other down unseen. It is talked to as any client would, through its control API.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { request } from "undici";
import { environmentNotReady } from "../core/errors.ts";
import type { RequestRecord } from "../core/record.ts";
import type { ProviderLedger } from "../core/run.ts";
import type { Scenario, TimelineEntry } from "../core/scenario/scenario.ts";
import { formatDuration, type Ms } from "../core/time.ts";
import { describeEnd, type RunningChild, startChild } from "../gateways/child/child-process.ts";
import { loopback } from "../gateways/child/loopback-port.ts";
import type { MockConfig } from "../mock-providers/config.ts";
import { configInWords, faultInWords } from "../mock-providers/config-words.ts";
import type { LimitUse } from "../mock-providers/limit-uses.ts";
import { accountsWithSpares } from "./live/keys.ts";
import { packageFile } from "./package-root.ts";
import { providerAccounts } from "../behavior/provider-accounts.ts";

export interface MockProcess {
  /** What the vendor's SDK takes as base URL for a provider of the scenario; undefined for an unknown one. */
  readonly baseUrl: (provider: string) => string | undefined;
  /** Where Prometheus finds its metrics. */
  readonly metricsUrl: string;
  /** Scenario time 0 is now; quotas full, ledger and journal empty, no faults. */
  readonly reset: () => Promise<void>;
  /** Scenario time since the last reset. */
  readonly nowMs: () => Ms;
  /** Puts a fault on the schedule, its instant in scenario time. */
  readonly addFault: (entry: TimelineEntry) => Promise<void>;
  /** Journal entries since the last read, oldest first. */
  readonly journal: () => Promise<readonly RequestRecord[]>;
  readonly ledger: () => Promise<readonly ProviderLedger[]>;
  /** By provider: how much of its scarcest token limit is used up, 0..1; those without one are left out. */
  readonly tokenLimitUse: () => Promise<ReadonlyMap<string, number>>;
  /** Resolves with a reason if it ends by itself. Never rejects. */
  readonly exited: Promise<string>;
  readonly stop: (deadlineMs: Ms) => Promise<void>;
}

export interface MockStart {
  readonly port: number;
  /** Address that it listens on; loopback unless given. */
  readonly host?: string | undefined;
  readonly timeScale: number;
  /** Whether keys are to be changed while it runs. */
  readonly spareKeys?: boolean;
  readonly signal: AbortSignal;
}

/** How long the mock may take from its start to its ready line, wall time. */
const readyMs: Ms = 15_000;
/** Longest wait for an answer of the control API, wall time. */
const controlTimeoutMs: Ms = 5_000;

/**
 * Starts the mock for a scenario's providers and waits until it serves; port 0 is any free one. Errors: `mock-not-ready`,
 * and the signal's reason when it is aborted.
 */
export async function startMockProcess(
  scenario: Scenario,
  { port, host, timeScale, spareKeys, signal }: MockStart,
): Promise<MockProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), "squall-mock-"));
  try {
    const configFile = path.join(folder, "mock.json");
    await writeFile(configFile, JSON.stringify(configInWords(mockConfig(scenario, timeScale, spareKeys ?? false))));
    const ready = readyLine();
    const child = await startChild({
      name: "squall mock",
      command: process.execPath,
      args: [
        packageFile("bin/squall.mjs"),
        "mock",
        "--config",
        configFile,
        "--port",
        String(port),
        "--host",
        host ?? loopback,
      ],
      onFirstLine: ready.onFirstLine,
    });
    try {
      const { url, baseUrls } = await waitForReady(ready.line, child, signal);
      return mockClient({ url, baseUrls, child, timeScale });
    } catch (cause) {
      await child.stop(0);
      throw cause;
    }
  } finally {
    // It has been read once the mock is ready.
    await rm(folder, { recursive: true, force: true });
  }
}

function mockConfig(scenario: Scenario, timeScale: number, spareKeys: boolean): MockConfig {
  return {
    seed: scenario.seed,
    timeScale,
    latencyScale: 1,
    streamHeaders: "first-event",
    providers: scenario.providers.map((spec) => ({
      ...spec,
      keys: spareKeys ? accountsWithSpares(spec) : providerAccounts(spec),
    })),
    faults: [],
  };
}

interface StartedMock {
  readonly url: string;
  readonly baseUrls: ReadonlyMap<string, string>;
  readonly child: RunningChild;
  readonly timeScale: number;
}

function mockClient({ url, baseUrls, child, timeScale }: StartedMock): MockProcess {
  let seen = 0;
  let resetAtWallMs = performance.now();
  const readJournal = async (): Promise<readonly RequestRecord[]> => {
    const lines = (await control(url, "GET", `/_squall/journal?after=${seen}`)).split("\n");
    const entries = lines.flatMap((line) =>
      line === "" ? [] : [JSON.parse(line) as RequestRecord & { readonly seq: number }],
    );
    seen = entries.at(-1)?.seq ?? seen;
    return entries;
  };
  // One read at a time: two at once would hand out the same entries twice.
  let lastRead: Promise<unknown> = Promise.resolve();
  return {
    baseUrl: (provider) => baseUrls.get(provider),
    metricsUrl: `${url}/_squall/metrics`,
    reset: async () => {
      await control(url, "POST", "/_squall/reset", {});
      resetAtWallMs = performance.now();
      seen = 0;
    },
    nowMs: () => (performance.now() - resetAtWallMs) * timeScale,
    addFault: async (entry) => {
      await control(url, "POST", "/_squall/faults", faultInWords(entry));
    },
    journal: async () => {
      const read = lastRead.then(readJournal, readJournal);
      lastRead = read;
      return await read;
    },
    ledger: async () => JSON.parse(await control(url, "GET", "/_squall/ledger")) as readonly ProviderLedger[],
    tokenLimitUse: async () => {
      const uses = JSON.parse(await control(url, "GET", "/_squall/limits")) as readonly LimitUse[];
      return new Map(
        uses.flatMap(({ provider, tokens }) => (tokens === undefined ? [] : [[provider, tokens] as const])),
      );
    },
    exited: new Promise((resolve) => {
      void child.ended.then((end) => {
        if (!end.stopped) resolve(`${describeEnd(end)}${said(child)}`);
      });
    }),
    stop: child.stop,
  };
}

async function control(url: string, method: "GET" | "POST", route: string, body?: object): Promise<string> {
  const refused = (what: string, cause?: unknown): Error =>
    environmentNotReady(`the mock providers ${what} (${method} ${route})`, { code: "mock-not-ready", cause });
  const answer = await request(new URL(route, url), {
    method,
    headersTimeout: controlTimeoutMs,
    bodyTimeout: controlTimeoutMs,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  })
    .then(async ({ statusCode, body: read }) => ({ statusCode, text: await read.text() }))
    .catch((cause: unknown) => {
      throw refused(`did not answer: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
    });
  if (answer.statusCode >= 300) throw refused(`answered ${answer.statusCode}: ${answer.text.slice(0, 300)}`);
  return answer.text;
}

/** The first line that a child prints, as a promise. */
function readyLine(): { readonly onFirstLine: (line: string) => void; readonly line: Promise<string> } {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { onFirstLine: resolve, line: promise };
}

async function waitForReady(
  line: Promise<string>,
  child: RunningChild,
  signal: AbortSignal,
): Promise<{ readonly url: string; readonly baseUrls: ReadonlyMap<string, string> }> {
  const gaveUp = AbortSignal.any([signal, AbortSignal.timeout(readyMs)]);
  const first = await Promise.race([
    line,
    child.ended.then((end) => Promise.reject(notReady(`it ended with ${describeEnd(end)}`, child))),
    new Promise<never>((_, reject) => {
      const giveUp = (): void =>
        reject(signal.aborted ? signal.reason : notReady(`silent for ${formatDuration(readyMs)}`, child));
      if (gaveUp.aborted) giveUp();
      gaveUp.addEventListener("abort", giveUp, { once: true });
    }),
  ]);
  const ready = JSON.parse(first) as {
    readonly url: string;
    readonly providers: Record<string, { readonly baseUrl: string }>;
  };
  return {
    url: ready.url,
    baseUrls: new Map(Object.entries(ready.providers).map(([name, { baseUrl }]) => [name, baseUrl])),
  };
}

function notReady(why: string, child: RunningChild): Error {
  return environmentNotReady(`the mock providers did not start: ${why}${said(child)}`, {
    code: "mock-not-ready",
    hint: "run `squall mock` by itself to see more, and `squall doctor` to see what this machine lacks",
  });
}

/** What a child printed last, for the end of a message. Its ready line is no news. */
function said(child: RunningChild): string {
  const lines = child
    .lastLines(6)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith('{"event":"ready"'));
  return lines.length === 0 ? "" : `; it said:\n${lines.join("\n")}`;
}
