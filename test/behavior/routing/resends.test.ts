/** People who send a request again by hand, and how that goes together with what a client's library does by itself. */
import { describe, expect, it } from "vitest";
import { clientRetries } from "../../../behavior/routing/client-retries.ts";
import { type EndedTry, nextTry } from "../../../behavior/routing/next-try.ts";
import { type Resends, resendsOf } from "../../../behavior/routing/resends.ts";
import { randomStream } from "../../../core/random.ts";
import type { ResendSpec } from "../../../core/scenario/traffic-spec.ts";

const always: ResendSpec = {
  share: 1,
  patience: { kind: "constant", value: 10_000 },
  pause: { kind: "constant", value: 3_000 },
  max: 2,
};
const people = (changes: Partial<ResendSpec> = {}): Resends => resendsOf({ ...always, ...changes }, randomStream(7));
const keys = Array.from({ length: 2_000 }, (_, index) => `a${index}`);

describe("a person", () => {
  it.each([
    ["rate-limited", 429],
    ["server-error", 503],
    ["timeout", 0],
    ["connection", 0],
    ["rejected", 408],
    ["cut-stream", 200],
    ["malformed", 200],
  ] as const)("sends a request again that ended %s %i", (outcome, status) => {
    expect(people().pauseMs("a0", 0, { outcome, status })).toBe(3_000);
  });

  it.each([
    ["rejected", 400],
    ["aborted", 0],
    ["ok", 200],
  ] as const)("lets a request be that ended %s %i", (outcome, status) => {
    expect(people().pauseMs("a0", 0, { outcome, status })).toBeUndefined();
  });

  it("does so as often as the share says, anew each time, and no more often than allowed", () => {
    const failed = { outcome: "server-error", status: 503 } as const;
    const { pauseMs } = people({ share: 0.6 });
    const who = (resends: number): readonly string[] =>
      keys.filter((key) => pauseMs(key, resends, failed) !== undefined);
    expect(who(0).length / keys.length).toBeCloseTo(0.6, 1);
    expect(who(1).filter((key) => who(0).includes(key)).length / who(0).length).toBeCloseTo(0.6, 1);
    expect(who(2)).toEqual([]);
  });

  it("who sends again at a small share does so at a larger one, too", () => {
    const [few, many] = [people({ share: 0.2 }), people({ share: 0.7 })];
    const impatient = ({ patienceMs }: Resends): readonly string[] =>
      keys.filter((key) => patienceMs(key, 0) === 10_000);
    expect(impatient(many)).toEqual(expect.arrayContaining([...impatient(few)]));
    expect(impatient(many).length).toBeGreaterThan(impatient(few).length);
  });

  it("waits as long as the client does who would not send it again, or of whose patience nothing is said", () => {
    expect(people({ share: 0 }).patienceMs("a0", 0)).toBe(Number.POSITIVE_INFINITY);
    expect(people().patienceMs("a0", 2)).toBe(Number.POSITIVE_INFINITY);
    const { patience: _, ...untold } = always;
    expect(resendsOf(untold, randomStream(7)).patienceMs("a0", 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it("is as patient and pauses as long whoever asks, and differently the next time", () => {
    const spread: ResendSpec = {
      ...always,
      patience: { kind: "exponential", mean: 10_000 },
      pause: { kind: "exponential", mean: 3_000 },
    };
    const [one, other] = [resendsOf(spread, randomStream(7)), resendsOf(spread, randomStream(7))];
    const failed = { outcome: "timeout", status: 0 } as const;
    expect(one.patienceMs("a0", 0)).toBe(other.patienceMs("a0", 0));
    expect(one.pauseMs("a0", 0, failed)).toBe(other.pauseMs("a0", 0, failed));
    expect(one.patienceMs("a0", 1)).not.toBe(one.patienceMs("a0", 0));
    expect(one.pauseMs("a0", 1, failed)).not.toBe(one.pauseMs("a0", 0, failed));
  });
});

describe("the next try", () => {
  const retryAgain = clientRetries(
    { max: 1, backoff: { baseMs: 500, capMs: 8_000, jitter: "none" }, honourRetryAfter: true },
    randomStream(7),
  );
  const both = { retryAgain, resends: people() };
  const failed: EndedTry = {
    key: "a0",
    tries: 1,
    resends: 0,
    outcome: "server-error",
    status: 503,
    retryAfterMs: undefined,
    begun: false,
    patienceLeftMs: 9_000,
  };

  it.each<readonly [string, Partial<EndedTry>, ReturnType<typeof nextTry>]>([
    ["is the library's while it has one left", {}, { by: "library", waitMs: 500 }],
    ["is the person's after that, when a pause is over", { tries: 2 }, { by: "person", waitMs: 3_000 }],
    [
      "is the person's who has lost patience, at once",
      { outcome: "timeout", patienceLeftMs: 0 },
      { by: "person", waitMs: 0 },
    ],
    [
      "is the person's who loses patience before the library goes on",
      { patienceLeftMs: 200 },
      { by: "person", waitMs: 200 },
    ],
    [
      "is the person's where an answer broke off",
      { outcome: "cut-stream", begun: true },
      { by: "person", waitMs: 3_000 },
    ],
    [
      "is the person's where an answer that had begun took too long",
      { outcome: "timeout", begun: true, patienceLeftMs: -1 },
      { by: "person", waitMs: 3_000 },
    ],
    ["is none when the person has sent it as often as they would", { tries: 2, resends: 2 }, undefined],
    ["is none after an answer", { outcome: "ok", patienceLeftMs: -1 }, undefined],
    ["is none of a client that has left", { outcome: "aborted" }, undefined],
  ])("%s", (_what, changes, next) => {
    expect(nextTry(both, { ...failed, ...changes })).toEqual(next);
  });

  it("is none where nobody tries again, and never asks a library for an answer that has begun", () => {
    expect(nextTry({}, failed)).toBeUndefined();
    expect(nextTry({ retryAgain }, { ...failed, begun: true })).toBeUndefined();
    expect(nextTry({ retryAgain }, { ...failed, tries: 2, patienceLeftMs: Number.POSITIVE_INFINITY })).toBeUndefined();
  });

  it("of a library that was set going again waits by draws of its own", () => {
    const jittery = clientRetries(
      { max: 1, backoff: { baseMs: 500, capMs: 8_000, jitter: "full" }, honourRetryAfter: true },
      randomStream(7),
    );
    const waits = [0, 1].map((resends) => nextTry({ retryAgain: jittery }, { ...failed, resends })?.waitMs);
    expect(waits[0]).not.toBe(waits[1]);
  });
});
