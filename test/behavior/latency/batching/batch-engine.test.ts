import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BatchEngine, type Sequence, type SequenceAsk } from "../../../../behavior/latency/batching/batch-engine.ts";
import { engineNames, engineSpec } from "../../../../behavior/latency/batching/engines.ts";
import type { EngineSpec } from "../../../../core/scenario/latency-spec.ts";

/** Round numbers: a decode step takes 10 ms, 1 ms more per sequence; a prompt token 1 ms. */
const plain: EngineSpec = {
  ...engineSpec("vllm-llama-3.1-8b-h100"),
  step: {
    decodeMs: 10,
    perSequenceMs: 1,
    perKvTokenMs: 0,
    prefillMs: 0,
    perPromptTokenMs: 1,
    perPromptTokenSquaredMs: 0,
  },
  batchTokensMax: 100,
  sequencesMax: 4,
  kvTokens: 1_000,
  kvBlockTokens: 10,
  prefixBlockTokens: 50,
  waitingMax: 3,
};

const late = 1e6;

describe("an engine, by hand", () => {
  it("reads a prompt and then decodes a token a step", () => {
    const engine = new BatchEngine(plain);
    const alone = submit(engine, 0, { promptTokens: 50, outputTokens: 4 });
    // 50 ms of reading, then steps of 10 + 1 ms.
    expect(timesOf(engine, alone)).toEqual([50, 61, 72, 83]);
  });

  it("reads a long prompt in chunks, and a short one takes no less than the weights take", () => {
    const engine = new BatchEngine(plain);
    expect(timesOf(engine, submit(engine, 0, { promptTokens: 250, outputTokens: 1 }))).toEqual([250]);
    expect(timesOf(engine, submit(engine, 300, { promptTokens: 3, outputTokens: 1 }))).toEqual([310]);
  });

  it("lets a call that comes during a step wait for its end, and slows both down after it", () => {
    const engine = new BatchEngine(plain);
    const first = submit(engine, 0, { promptTokens: 50, outputTokens: 4 });
    const second = submit(engine, 55, { promptTokens: 30, outputTokens: 2 });
    // Steps: [0, 50] reads the first; [50, 61] decodes it; [61, 92] reads 30 and decodes one: 30 + 1; [92, 104] decodes two.
    expect(timesOf(engine, first)).toEqual([50, 61, 92, 104]);
    expect(timesOf(engine, second)).toEqual([92, 104]);
  });

  it("shares a step's tokens between decoding and prompts, first come first served", () => {
    const engine = new BatchEngine(plain);
    const first = submit(engine, 0, { promptTokens: 80, outputTokens: 1 });
    const second = submit(engine, 10, { promptTokens: 90, outputTokens: 1 });
    const third = submit(engine, 20, { promptTokens: 30, outputTokens: 1 });
    // [0, 80]: 80. [80, 180]: 90 of the second and 10 of the third. [180, 200]: the last 20.
    expect([first, second, third].map((sequence) => timesOf(engine, sequence))).toEqual([[80], [180], [200]]);
  });

  it("charges attention for all that a chunk looks back on, so that chunks cost what the whole does", () => {
    const quadratic = { ...plain, step: { ...plain.step, perPromptTokenSquaredMs: 0.01 } };
    const chunked = new BatchEngine(quadratic);
    const whole = new BatchEngine({ ...quadratic, batchTokensMax: 1_000 });
    const ask = { promptTokens: 250, outputTokens: 1 };
    expect(timesOf(chunked, submit(chunked, 0, ask))[0]).toBeCloseTo(250 + 0.01 * 250 * 250, 6);
    expect(timesOf(whole, submit(whole, 0, ask))[0]).toBeCloseTo(250 + 0.01 * 250 * 250, 6);
  });

  it("charges decoding for every token in memory", () => {
    const engine = new BatchEngine({ ...plain, step: { ...plain.step, perKvTokenMs: 0.1 } });
    // After the prompt of 50: 51 tokens, then 52.
    expect(timesOf(engine, submit(engine, 0, { promptTokens: 50, outputTokens: 3 }))).toEqual([
      expect.closeTo(50, 6),
      expect.closeTo(50 + 11 + 5.1, 6),
      expect.closeTo(50 + 11 + 5.1 + 11 + 5.2, 6),
    ]);
  });

  it("lets who finds no memory wait until somebody is done, and nobody overtakes", () => {
    const engine = new BatchEngine(plain);
    const large = submit(engine, 0, { promptTokens: 100, outputTokens: 3 });
    const larger = submit(engine, 0, { promptTokens: 900, outputTokens: 50 });
    const small = submit(engine, 0, { promptTokens: 10, outputTokens: 1 });
    engine.tokenMs(100, large, 0);
    expect(engine.waiting).toBe(2);
    expect(timesOf(engine, large)).toEqual([100, 111, 122]);
    expect(timesOf(engine, larger)[0]).toBe(122 + 900);
    expect(timesOf(engine, small)[0]).toBeGreaterThan(122 + 900);
  });

  it("gives the place of a call that is given up to the next one, at the end of the step", () => {
    const engine = new BatchEngine({ ...plain, sequencesMax: 1 });
    const first = submit(engine, 0, { promptTokens: 50, outputTokens: 100 });
    const second = submit(engine, 0, { promptTokens: 20, outputTokens: 1 });
    engine.leave(55, first);
    expect(timesOf(engine, second)).toEqual([61 + 20]);
    expect(engine.tokenMs(late, first, 0)).toBe(50);
    expect(engine.tokenMs(late, first, 50)).toBe(Number.POSITIVE_INFINITY);
  });

  it("refuses a call when too many wait, and never one that finds the queue short", () => {
    const engine = new BatchEngine({ ...plain, sequencesMax: 1 });
    const ask = { promptTokens: 10, cachedTokens: 0, blocks: [], outputTokens: 10 };
    const taken = Array.from({ length: 6 }, () => engine.submit(0, ask) !== undefined);
    expect(taken).toEqual([true, true, true, true, false, false]);
    expect(engine.couldEverServe({ ...ask, promptTokens: 990 })).toBe(true);
    expect(engine.couldEverServe({ ...ask, promptTokens: 991 })).toBe(false);
  });

  it("answers at once at a scale of 0, and in half the time at 0.5", () => {
    const [none, half] = [new BatchEngine(plain, 0), new BatchEngine(plain, 0.5)];
    const ask = { promptTokens: 50, outputTokens: 3 };
    expect(timesOf(none, submit(none, 7, ask))).toEqual([7, 7, 7]);
    expect(timesOf(half, submit(half, 0, ask))).toEqual([25, 30.5, 36]);
  });
});

describe("a prefix cache", () => {
  const ask = { promptTokens: 120, outputTokens: 1 };

  it("spares a prompt what one before it has read, in whole blocks", () => {
    const engine = new BatchEngine(plain);
    const first = submit(engine, 0, { ...ask, blocks: [1, 2, 3] });
    const second = submit(engine, 500, { ...ask, blocks: [1, 2, 4] });
    const other = submit(engine, 1_000, { ...ask, blocks: [9, 2, 3] });
    expect(timesOf(engine, first)).toEqual([120]);
    // Blocks 1 and 2 hold 100 of 120 tokens; a block that is not full (3) has no name.
    expect(timesOf(engine, second)).toEqual([520]);
    expect(timesOf(engine, other)).toEqual([1_120]);
    expect([first, second, other].map(({ foundTokens }) => foundTokens)).toEqual([0, 100, 0]);
  });

  it("reads the last token of a prompt that it knows wholly", () => {
    const engine = new BatchEngine(plain);
    timesOf(engine, submit(engine, 0, { promptTokens: 100, outputTokens: 1, blocks: [1, 2] }));
    const again = submit(engine, late + 1, { promptTokens: 100, outputTokens: 1, blocks: [1, 2] });
    engine.tokenMs(2 * late, again, 0);
    expect(again.foundTokens).toBe(99);
  });

  it("forgets the least recently used block when memory is needed, the end of a prompt before its beginning", () => {
    const engine = new BatchEngine({ ...plain, kvTokens: 200 });
    const atMs = (step: number): number => step * 1_000;
    const run = (step: number, promptTokens: number, blocks: readonly number[]): number => {
      const sequence = submit(engine, atMs(step), { promptTokens, outputTokens: 10, blocks });
      engine.tokenMs(atMs(step + 1) - 1, sequence, 0);
      return sequence.foundTokens;
    };
    expect(run(0, 100, [1, 2])).toBe(0);
    expect(run(1, 100, [1, 2])).toBe(99);
    expect(run(2, 90, [7])).toBe(0); // needs 100 of 200 and takes the rest
    expect(run(3, 90, [8])).toBe(0); // needs 100 beside 1, 2 and 7: 2 has to leave, and 1 may stay
    expect(run(4, 60, [1])).toBe(50);
  });

  it("can be off, and then a share that is known to be cached still need not be read", () => {
    const engine = new BatchEngine({ ...plain, prefixCache: false });
    timesOf(engine, submit(engine, 0, { ...ask, blocks: [1, 2] }));
    expect(timesOf(engine, submit(engine, late + 1, { ...ask, blocks: [1, 2] }))[0]).toBe(late + 1 + 120);
    const cached = submit(engine, 3 * late, { ...ask, cachedTokens: 70 });
    expect(engine.tokenMs(4 * late, cached, 0)).toBe(3 * late + 50);
  });
});

describe("an engine under any load", () => {
  const arrival = fc.record({
    afterMs: fc.integer({ min: 0, max: 300 }),
    promptTokens: fc.integer({ min: 1, max: 400 }),
    outputTokens: fc.integer({ min: 1, max: 40 }),
    blocks: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 8 }).map((names) => [...new Set(names)]),
    leavesAfterMs: fc.option(fc.integer({ min: 0, max: 400 }), { nil: undefined, freq: 3 }),
  });

  it("keeps to its memory, its places and the order of arrival; every token comes once; no bound is too late", () => {
    const seen = { calls: 0, bounds: 0, left: 0, found: 0 };
    fc.assert(
      fc.property(fc.array(arrival, { minLength: 1, maxLength: 40 }), (arrivals) => {
        const engine = new BatchEngine({ ...plain, waitingMax: 1_000 });
        const calls: {
          readonly sequence: Sequence;
          readonly outputTokens: number;
          readonly bounds: [number, number][];
        }[] = [];
        const leaves: { readonly atMs: number; readonly sequence: Sequence }[] = [];
        let nowMs = 0;
        for (const { afterMs, leavesAfterMs, ...ask } of arrivals) {
          nowMs += afterMs;
          for (const { atMs, sequence } of leaves.filter((leave) => leave.atMs <= nowMs)) engine.leave(atMs, sequence);
          for (const done of leaves.filter((leave) => leave.atMs <= nowMs)) leaves.splice(leaves.indexOf(done), 1);
          const sequence = submit(engine, nowMs, ask);
          calls.push({ sequence, outputTokens: ask.outputTokens, bounds: [] });
          if (leavesAfterMs !== undefined) {
            leaves.push({ atMs: nowMs + leavesAfterMs, sequence });
            leaves.sort((left, right) => left.atMs - right.atMs);
          }
          for (const call of calls) {
            for (const index of [0, call.outputTokens - 1]) {
              const bound = engine.tokenMs(nowMs, call.sequence, index);
              if (bound > nowMs) call.bounds.push([index, bound]);
            }
          }
          expect(engine.memoryShare).toBeLessThanOrEqual(1);
          expect(engine.running).toBeLessThanOrEqual(plain.sequencesMax);
        }
        const gone = new Set(leaves.map(({ sequence }) => sequence));
        for (const { atMs, sequence } of leaves) engine.leave(atMs, sequence);
        let previousMs = 0;
        for (const { sequence, outputTokens, bounds } of calls) {
          const times = Array.from({ length: outputTokens }, (_, index) => engine.tokenMs(late, sequence, index));
          for (const [index, bound] of bounds) expect(times[index]).toBeGreaterThanOrEqual(bound - 1e-6);
          const stayed = times.every(Number.isFinite);
          if (!stayed) {
            seen.left += 1;
            continue;
          }
          expect(times).toEqual(times.toSorted((left, right) => left - right));
          expect(new Set(times).size).toBe(outputTokens);
          expect(times[0]).toBeGreaterThanOrEqual(previousMs);
          previousMs = times[0] ?? 0;
          seen.calls += 1;
          seen.bounds += bounds.length;
          seen.found += sequence.foundTokens;
        }
        expect(gone.size).toBeLessThanOrEqual(calls.length);
        expect([engine.running, engine.waiting, engine.memoryShare]).toEqual([0, 0, 0]);
      }),
      { seed: 20_261_121, numRuns: 200 },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100);
  });

  it.each(engineNames)("%s is complete, and slower with more to do", (name) => {
    const spec = engineSpec(name);
    expect(["modelled", "validated"]).toContain(spec.status);
    const [one, many] = [1, 64].map((calls) => {
      const engine = new BatchEngine(spec);
      const sequences = Array.from({ length: calls }, () =>
        submit(engine, 0, { promptTokens: 575, outputTokens: 249 }),
      );
      return timesOf(engine, sequences[0] as Sequence).at(-1) ?? 0;
    });
    expect(many ?? 0).toBeGreaterThan((one ?? 0) * 1.1);
  });

  it.each([
    { concurrent: 20, offMax: 0.1 },
    { concurrent: 50, offMax: 0.28 }, // dear prompts share a step with decoding; known, see the engines' sources
  ])(
    "gives a 70B model on four H100 the measured time per token, at $concurrent calls at once",
    ({ concurrent, offMax }) => {
      // inference-sim/training, 2026-02: 16.46 + 0.050 ms per concurrent call; prompts of 575, answers of 249 tokens.
      const measuredMs = 16.46 + 0.05 * concurrent;
      const engine = new BatchEngine(engineSpec("vllm-llama-3.x-70b-h100-tp4"));
      const gapMs = (249 * measuredMs) / concurrent;
      const calls = Array.from({ length: 400 }, (_, call) =>
        submit(engine, call * gapMs, { promptTokens: 575, outputTokens: 249 }),
      );
      const [first, last] = [0, 248].map((index) => engine.tokenMs(late, calls[250] as Sequence, index));
      const perTokenMs = ((last ?? 0) - (first ?? 0)) / 248;
      expect(Math.abs(perTokenMs / measuredMs - 1)).toBeLessThan(offMax);
    },
  );
});

function submit(
  engine: BatchEngine,
  nowMs: number,
  ask: Partial<SequenceAsk> & Pick<SequenceAsk, "promptTokens" | "outputTokens">,
): Sequence {
  const sequence = engine.submit(nowMs, { cachedTokens: 0, blocks: [], ...ask });
  if (sequence === undefined) throw new Error("the queue is full");
  return sequence;
}

/** All its tokens, asked for when nothing more will come. */
function timesOf(engine: BatchEngine, sequence: Sequence): readonly number[] {
  const { outputTokens } = sequence.ask;
  return Array.from({ length: outputTokens }, (_, index) => engine.tokenMs(late, sequence, index));
}
