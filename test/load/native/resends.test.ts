/** People who send again by hand, against a real server, on a clock that the test turns: as in a simulation (efforts.test.ts there). */
import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clientRetries } from "../../../behavior/routing/client-retries.ts";
import type { ClientHabits } from "../../../behavior/routing/next-try.ts";
import { type Resends, resendsOf } from "../../../behavior/routing/resends.ts";
import { randomStream } from "../../../core/random.ts";
import type { RequestRecord } from "../../../core/record.ts";
import type { ResendSpec } from "../../../core/scenario/traffic-spec.ts";
import { nativeEngineOn } from "../../../load/native/engine.ts";
import { behaviors } from "../behaviors.ts";
import { type ManualClock, manualClock } from "../manual-clock.ts";
import { planned } from "../planned.ts";
import {
  beginStream,
  contentEvent,
  finishEvent,
  scriptedServer,
  type ScriptedServer,
  wholeStream,
} from "../scripted-server.ts";
import { open, played } from "./played.ts";

const eager: ResendSpec = {
  share: 1,
  patience: { kind: "constant", value: 1_000 },
  pause: { kind: "constant", value: 100 },
  max: 5,
};
const resends = resendsOf(eager, randomStream(1));

/** Requests in the order in which they came; each is answered when the test says so. */
let unanswered: ServerResponse[];
let clock: ManualClock;
let server: ScriptedServer;
beforeEach(async () => {
  unanswered = [];
  clock = manualClock();
  server = await scriptedServer({ ...behaviors, gated: (response) => unanswered.push(response) });
});
afterEach(async () => {
  await server.close();
});

interface Playing {
  readonly records: readonly RequestRecord[];
  /** Failures about which people were asked. */
  readonly failures: () => number;
  readonly over: Promise<unknown>;
}

/** One request, streamed. */
function play(
  habits: ClientHabits,
  fields: { readonly timeoutMs?: number; readonly timeScale?: number } = {},
): Playing {
  const { timeoutMs = 60_000, timeScale = 1 } = fields;
  const phases = [open([planned({ key: "r0", model: "gated" })])];
  const { options, records } = played(server, phases, timeoutMs, { timeScale });
  let failures = 0;
  const people: Resends = {
    patienceMs: resends.patienceMs,
    pauseMs: (...failed) => {
      failures += 1;
      return resends.pauseMs(...failed);
    },
  };
  const workload = { phases, client: { timeoutMs, ...habits, resends: people } };
  return { records, failures: () => failures, over: nativeEngineOn(clock)({ ...options, workload }) };
}

describe("a person who sends again by hand", () => {
  it("does so after a pause when a request has failed, and it is one record, counted from the first time", async () => {
    const { records, failures, over } = play({});
    await until(() => unanswered.length === 1);
    unanswered[0]?.writeHead(503).end();
    await until(() => failures() === 1);
    clock.advanceTo(99);
    await socketsTurn();
    expect(server.requests).toHaveLength(1);
    clock.advanceTo(100);
    await answer(1);
    await over;
    expect(records).toMatchObject([
      { key: "r0", outcome: "ok", intendedMs: 0, sentMs: 0, endMs: 100, clientTries: 2, resends: 1 },
    ]);
  });

  it("does so at once when patience is over, in scenario time, and hangs up", async () => {
    const { records, over } = play({}, { timeScale: 10 });
    await until(() => unanswered.length === 1);
    clock.advanceTo(99);
    await socketsTurn();
    expect(server.requests).toHaveLength(1);
    clock.advanceTo(100);
    await answer(1);
    await over;
    expect(records).toMatchObject([{ outcome: "ok", endMs: 1_000, clientTries: 2, resends: 1 }]);
    expect(server.connections()).toBe(2);
  });

  it("stays for an answer that has begun", async () => {
    const { records, over } = play({});
    await until(() => unanswered.length === 1);
    const [response] = unanswered;
    if (response !== undefined) beginStream(response).write(contentEvent("Hel"));
    await socketsTurn();
    clock.advanceTo(5_000);
    response?.end(contentEvent("lo") + finishEvent);
    await over;
    expect(records).toMatchObject([{ outcome: "ok", chunks: 2, endMs: 5_000 }]);
    expect(records[0]).not.toHaveProperty("resends");
    expect(server.requests).toHaveLength(1);
  });

  it("sends an answer again that broke off", async () => {
    const { records, failures, over } = play({});
    await until(() => unanswered.length === 1);
    const [response] = unanswered;
    if (response !== undefined) beginStream(response).end(contentEvent("Hel"));
    await until(() => failures() === 1);
    clock.advanceTo(100);
    await answer(1);
    await over;
    expect(records).toMatchObject([{ outcome: "ok", chunks: 2, resends: 1 }]);
  });

  it("does not wait for a library that would try again later than that", async () => {
    const backoff = { baseMs: 500, capMs: 8_000, jitter: "none" } as const;
    const library = clientRetries({ max: 2, backoff, honourRetryAfter: true }, randomStream(1));
    const asked: number[] = [];
    const { records, over } = play({
      retryAgain: (failed) => {
        asked.push(failed.tries);
        return library(failed);
      },
    });
    await until(() => unanswered.length === 1);
    unanswered[0]?.writeHead(429, { "retry-after": "3" }).end();
    await until(() => asked.length === 1);
    clock.advanceTo(1_000);
    await until(() => unanswered.length === 2);
    unanswered[1]?.writeHead(503).end();
    await until(() => asked.length === 2);
    clock.advanceTo(1_500);
    await answer(2);
    await over;
    expect(asked).toEqual([1, 1]); // the library that is set going again begins anew
    expect(records).toMatchObject([{ outcome: "ok", endMs: 1_500, clientTries: 3, resends: 1 }]);
  });
});

/** Answers the request that came after so many others, when it has come. */
async function answer(index: number): Promise<void> {
  await until(() => unanswered.length > index);
  const response = unanswered[index];
  if (response !== undefined) beginStream(response).end(wholeStream);
}

/** Lets sockets and what is due on the clock take turns, the clock standing still, until something has happened. */
async function until(happened: () => boolean): Promise<void> {
  while (!happened()) {
    clock.runDue();
    await new Promise(setImmediate);
  }
}

/** Lets sockets do what they can without the clock. */
async function socketsTurn(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
}
