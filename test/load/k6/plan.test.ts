/** A plan holds the very requests of the workload: their prompts, markers, instants and waits. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chatMessages } from "../../../behavior/prompt.ts";
import { clientRetries } from "../../../behavior/routing/client-retries.ts";
import { resendsOf } from "../../../behavior/routing/resends.ts";
import type { PlannedRequest, Workload, WorkloadPhase } from "../../../behavior/workload.ts";
import type { K6Request, K6User } from "../../../core/k6-plan.ts";
import { randomStream } from "../../../core/random.ts";
import { cutText } from "../../../core/text-cut.ts";
import { type K6PlanOptions, phaseRequestsMax, type WrittenPlan, writePlan } from "../../../load/k6/plan.ts";
import { planned } from "../planned.ts";

function write(phases: readonly WorkloadPhase[], fields: Partial<K6PlanOptions> = {}): WrittenPlan {
  const workload: Workload = { phases, client: { timeoutMs: 10_000 } };
  return writePlan({ scenario: "s", workload, objectives: [], timeScale: 1, vusMax: 100, ...fields });
}

function open(requests: readonly PlannedRequest[]): WorkloadPhase {
  return { kind: "open", name: "load", durationMs: 1_000, arrivals: () => requests };
}

function closed(durationMs: number | undefined, script: () => Iterable<PlannedRequest>): WorkloadPhase {
  return { kind: "closed", name: "load", users: 2, script, startMs: (user) => user * 50, durationMs };
}

function rowsOf<Row>({ rows }: WrittenPlan): readonly Row[] {
  return (rows.get("load") ?? []).map((line) => JSON.parse(line) as Row);
}

/** The users of a closed phase, each with its script. */
function usersOf(written: WrittenPlan): readonly (K6User & { readonly script: readonly K6Request[] })[] {
  const lines = rowsOf<K6User & K6Request>(written);
  const { rows = 0 } = written.plan.phases[0] ?? {};
  expect(lines).toHaveLength(lines[rows - 1]?.to ?? -1);
  return lines.slice(0, rows).map((head) => ({ ...head, script: lines.slice(head.from, head.to) }));
}

describe("a plan for k6", () => {
  it("holds every message of a conversation, word for word, as cuts of its text", () => {
    const lengths = fc.integer({ min: 1, max: 40_000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(lengths, lengths), { maxLength: 4 }), lengths, (history, question) => {
        const historyTokens = history.flat();
        const inputTokens = historyTokens.reduce((sum, tokens) => sum + tokens, question);
        const request = planned({ key: `u0.s0.t${history.length}`, session: "u0.s0", historyTokens, inputTokens });
        const written = write([open([request])]);
        const [row] = rowsOf<K6Request>(written);
        const contents = row?.messages.map(([from, characters], index) => {
          const cut = cutText(written.plan.corpus, from, characters);
          return index === 0 ? row.marker + cut : cut;
        });
        expect(contents).toEqual(chatMessages("load", request).map(({ content }) => content));
      }),
      { seed: 7, numRuns: 30 },
    );
  });

  it("holds what a client's library waits before each further try, and whether it obeys the server", () => {
    const backoff = { baseMs: 500, capMs: 4_000, jitter: "full" } as const;
    const retryAgain = clientRetries({ max: 2, honourRetryAfter: true, backoff }, randomStream(1));
    const workload: Workload = { phases: [open([planned({ key: "a7" })])], client: { timeoutMs: 1, retryAgain } };
    const written = write([], { workload });
    const failed = { key: "a7", outcome: "server-error", status: 500, retryAfterMs: undefined } as const;
    const waits = [1, 2].map((tries) => retryAgain({ ...failed, tries }));
    expect(rowsOf<K6Request>(written)[0]?.waitsMs).toEqual(waits);
    expect(written.plan.retries).toEqual({ honourRetryAfter: true, retryAfterMaxMs: 60_000 });
    const deaf = clientRetries({ max: 2, honourRetryAfter: false, backoff }, randomStream(1));
    const unheard = write([], { workload: { ...workload, client: { timeoutMs: 1, retryAgain: deaf } } });
    expect(unheard.plan.retries?.honourRetryAfter).toBe(false);
    expect(write([open([planned()])]).plan).not.toHaveProperty("retries");
  });

  it("is refused where people send again by hand, of which k6 cannot know when", () => {
    const resends = resendsOf({ share: 1, pause: { kind: "constant", value: 0 }, max: 1 }, randomStream(1));
    const workload: Workload = { phases: [open([planned()])], client: { timeoutMs: 1, resends } };
    expect(() => write([], { workload })).toThrow("traffic.clients.resend is not for k6");
  });

  it("has as many virtual users as requests may be in flight within a client's patience, within bounds", () => {
    const at = (...instants: number[]): WorkloadPhase[] => [
      open(instants.map((atMs, index) => planned({ key: `a${index}`, atMs }))),
    ];
    const vus = (phases: readonly WorkloadPhase[], fields: Partial<K6PlanOptions> = {}): number | undefined =>
      write(phases, fields).plan.phases[0]?.vus;
    expect(vus(at(0, 1, 2, 10_000, 10_003))).toBe(4); // all but the last are due within ten seconds
    expect(vus(at(0, 20_000, 40_000))).toBe(1);
    expect(vus(at(0, 1, 2, 3), { vusMax: 2 })).toBe(2);
    expect(vus(at(0, 20_000, 40_000), { vusMin: 3 })).toBe(3);
    expect(vus(at(0, 20_000), { vusMin: 3 })).toBe(2); // k6 wants no more users than rows
  });

  it("writes a closed phase user by user, whole where the scripts end", () => {
    const script = (): PlannedRequest[] => [planned({ key: "one" }), planned({ key: "two", thinkMs: 30 })];
    const written = write([closed(undefined, script)]);
    expect(written.plan.phases).toEqual([{ name: "load", kind: "closed", rows: 2, vus: 2, durationMs: null }]);
    const plays = usersOf(written).map(({ startMs, whole, script: wrote }) => [
      startMs,
      whole,
      wrote.map(({ key }) => key),
    ]);
    expect(plays).toEqual([
      [0, true, ["one", "two"]],
      [50, true, ["one", "two"]],
    ]);
  });

  it("writes an endless script until its pauses alone fill the phase", () => {
    const users = usersOf(write([closed(100, () => endless(40))]));
    // User 0 may be due at 0, 40 and 80, user 1 at 50 and 90; answers only make it later.
    expect(users.map(({ script, whole }) => [script.length, whole])).toEqual([
      [3, true],
      [2, true],
    ]);
  });

  it("cuts a script that would never fill the phase, and says so", () => {
    const users = usersOf(write([closed(100, () => endless(0))]));
    expect(users.map(({ script, whole }) => [script.length, whole])).toEqual([
      [phaseRequestsMax / 2, false],
      [phaseRequestsMax / 2, false],
    ]);
  }, 60_000);

  it("refuses more requests than k6 could be given", () => {
    const phase: WorkloadPhase = { kind: "open", name: "load", durationMs: 1, arrivals: () => endless(0) };
    expect(() => write([phase])).toThrow(/phase load has more than 200000 requests/);
  }, 60_000);

  it("asks once per model where its requests go, and leaves that open when nobody says", () => {
    const requests = [planned({ key: "a0", model: "m" }), planned({ key: "a1", model: "n" }), planned({ model: "m" })];
    const asked: string[] = [];
    const call = (model: string): { url: string; headers: object & Record<string, string> } => {
      asked.push(model);
      return { url: `http://127.0.0.1/${model}`, headers: {} };
    };
    expect(Object.keys(write([open(requests)], { call }).plan.calls)).toEqual(["m", "n"]);
    expect(asked).toEqual(["m", "n"]);
    expect(write([open(requests)]).plan.calls).toEqual({});
  });
});

function* endless(thinkMs: number): Generator<PlannedRequest> {
  const request = planned({ inputTokens: 1, thinkMs });
  for (;;) yield request;
}
