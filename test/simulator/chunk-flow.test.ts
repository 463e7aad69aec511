/** Expected values follow from the formulas in `chunk-flow.ts`, by hand. All times in milliseconds. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChunkFlow, type ReadCost } from "../../simulator/chunk-flow.ts";

const cost: ReadCost = { idleMs: 0.4, busyMs: 0.1, warmMs: 0, furtherMs: 0.01 };

describe("a flow of chunks", () => {
  it("finds the event loop idle as often as its own work allows", () => {
    // 2 chunks per ms: b0 = 2 (0.1 + (1 - b0) 0.3), so b0 = 0.5. At 10 per ms nothing is left.
    expect(flowOf(10, 2).coldShare).toBeCloseTo(0.5, 12);
    expect(flowOf(10, 10).coldShare).toBe(0);
    expect(flowOf(10, 20).coldShare).toBe(0);
    expect(new ChunkFlow().coldShare).toBe(1);
  });

  it("keeps the event loop warm where reads follow one another soon", () => {
    // The next of 2 chunks per ms comes within 0.5 ms but for 1/e of them: b0 = 2 (0.1 + (1 - b0) 0.3 / e).
    const flow = flowOf(10, 2, { ...cost, warmMs: 0.5 });
    const waking = 0.6 / Math.E;
    const restShare = (0.2 + waking) / (1 + waking);
    expect(flow.coldShare).toBeCloseTo((1 - restShare) / Math.E, 12);
    flow.waitAfter(0, 10);
    expect(flow.workMs).toBeCloseTo(10 * restShare, 12);
  });

  it("makes a short wait shrink by what reads one by one leave", () => {
    const flow = flowOf(10, 2);
    // Gaps are 5 ms, so up to a wait of 2.275 nothing is read together: 0.2 of work comes per ms.
    expect(flow.waitAfter(2, 1)).toBeCloseTo(2 - 0.8, 12);
    // From 2 on it takes 2.5 to get to nothing; in the rest of the time reads take 0.5 of the event loop.
    expect(flow.waitAfter(2, 4.5)).toBe(0);
    expect(flow.workMs).toBeCloseTo(0.2 + (0.5 + 2 * 0.5), 12);
  });

  it("brings less work the longer reads wait", () => {
    const flow = flowOf(10, 2);
    // At a wait of 52.275 a read takes 10 chunks more and costs 0.2: 2 x 0.2 / 11 per ms.
    const shareAt = (2 * 0.2) / 11;
    expect(flow.waitAfter(52.275, 1e-6)).toBeCloseTo(52.275 - (1 - shareAt) * 1e-6, 12);
  });

  it.each([
    { why: "from below", fromMs: 0 },
    { why: "from above", fromMs: 100 },
  ])("settles at the wait where as much comes as is done, $why", ({ fromMs }) => {
    const flow = flowOf(100, 20);
    // 20 (0.1 + 0.01 x) / (1 + x) = 1 at x = 1.25 chunks read along, which come in (1.25 + 0.455) gaps of 5.
    const settledMs = (1.25 + 0.455) * 5;
    let waitMs = fromMs;
    for (let step = 0; step < 10_000; step++) waitMs = flow.waitAfter(waitMs, 0.1);
    expect(waitMs).toBeCloseTo(settledMs, 6);
    expect(flowOf(100, 20).waitAfter(fromMs, 1e6)).toBeCloseTo(settledMs, 12);
    expect(flow.workMs).toBeCloseTo(1_000 + settledMs - fromMs, 6);
  });

  it("grows without end when even reading along is more than can be done", () => {
    const flow = flowOf(10, 200);
    let waitMs = 0;
    for (let step = 0; step < 1_000; step++) waitMs = flow.waitAfter(waitMs, 1);
    expect(waitMs).toBeGreaterThan(1_000);
  });

  it("does in one step what it does in many, and never more than there is time for", () => {
    const scene = fc.record({
      gapMs: fc.double({ min: 1, max: 50, noNaN: true }),
      chunksPerMs: fc.double({ min: 0.01, max: 30, noNaN: true }),
      waitMs: fc.double({ min: 0, max: 100, noNaN: true }),
      gapsPassed: fc.double({ min: 0.001, max: 0.25, noNaN: true }),
    });
    fc.assert(
      fc.property(scene, ({ gapMs, chunksPerMs, waitMs, gapsPassed }) => {
        const passedMs = gapsPassed * gapMs;
        const streams = Math.ceil(gapMs * chunksPerMs);
        const inOne = flowOf(streams, chunksPerMs);
        const inMany = flowOf(streams, chunksPerMs);
        const onceMs = inOne.waitAfter(waitMs, passedMs);
        let manyMs = waitMs;
        for (let step = 0; step < 500; step++) manyMs = inMany.waitAfter(manyMs, passedMs / 500);
        expect(Math.abs(onceMs - manyMs)).toBeLessThanOrEqual(0.1 * passedMs);
        const servedMs = inOne.workMs + waitMs - onceMs;
        expect(servedMs).toBeGreaterThanOrEqual(-1e-9);
        expect(servedMs).toBeLessThanOrEqual(passedMs + 1e-9);
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it("is nothing again when its last stream has ended", () => {
    const flow = flowOf(3, 0.3);
    for (let stream = 0; stream < 3; stream++) flow.change(-1, 0.1, cost);
    expect([flow.flows, flow.coldShare]).toEqual([false, 1]);
  });
});

function flowOf(streams: number, chunksPerMs: number, read: ReadCost = cost): ChunkFlow {
  const flow = new ChunkFlow();
  for (let stream = 0; stream < streams; stream++) flow.change(1, chunksPerMs / streams, read);
  return flow;
}
