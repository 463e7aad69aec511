import { describe, expect, it } from "vitest";
import { joinUpstream, StreamingJoin } from "../../core/join.ts";
import type { RequestRecord } from "../../core/record.ts";
import { plainRecord } from "../made-record.ts";

const record = (key: string, changes: Partial<RequestRecord> = {}): RequestRecord =>
  plainRecord({ key, provider: "", inputTokens: 50, outputTokens: 10, upstreamCalls: 0, ...changes });

const call = (key: string, changes: Partial<RequestRecord> = {}): RequestRecord =>
  record(key, { provider: "openai", upstreamCalls: 1, cost: 900, ...changes });

describe("joining a record with its upstream calls", () => {
  it("adds up what every call cost and names who answered last", () => {
    const joined = joinUpstream(record("a1"), [
      call("a1", { provider: "azure", cost: 100, outputTokens: 0 }),
      call("a1", { provider: "openai", cost: 900, outputTokens: 10 }),
    ]);
    expect(joined).toMatchObject({ provider: "openai", upstreamCalls: 2, cost: 1_000, wastedTokens: 0 });
  });

  it("counts tokens that were generated and never reached the client as wasted", () => {
    const cut = record("a1", { outcome: "timeout", outputTokens: 3 });
    expect(joinUpstream(cut, [call("a1", { outputTokens: 10 })]).wastedTokens).toBe(7);
  });

  it("names the model that answered, where it is another one than was asked for", () => {
    expect(joinUpstream(record("a1"), [call("a1")])).not.toHaveProperty("servedModel");
    expect(joinUpstream(record("a1"), [call("a1", { model: "gpt-4o" })])).toMatchObject({
      model: "gpt-4o-mini",
      servedModel: "gpt-4o",
    });
  });

  it("leaves a request that reached no provider as its client saw it", () => {
    const refused = record("a1", { outcome: "rejected", outputTokens: 0 });
    expect(joinUpstream(refused, [])).toBe(refused);
  });

  it("keeps the same key of two phases apart", () => {
    const join = new StreamingJoin();
    join.record(record("u0.s0.t0", { phase: "baseline" }));
    join.readBegins();
    const [first] = join.readReturned([
      call("u0.s0.t0", { phase: "baseline", cost: 1 }),
      call("u0.s0.t0", { phase: "load", cost: 2 }),
    ]);
    expect(first).toMatchObject({ phase: "baseline", cost: 1, upstreamCalls: 1 });
  });
});

describe("joining while a run goes on", () => {
  it("tells of clients that gave up at once, with what is known, and again at the end", () => {
    const join = new StreamingJoin();
    join.record(record("a1", { outcome: "timeout", endMs: 5 }));
    join.record(record("a2", { outcome: "timeout", endMs: 6 }));
    join.readBegins();
    expect(join.readReturned([call("a1", { cost: 100 })])).toEqual([]);
    expect(join.gaveUp().map(({ key, cost }) => [key, cost])).toEqual([
      ["a1", 100],
      ["a2", 0],
    ]);
    expect(join.gaveUp()).toEqual([]);
    const last = join.finish([call("a1", { cost: 200 })]);
    expect(last.map(({ key, cost }) => [key, cost])).toEqual([
      ["a1", 300],
      ["a2", 0],
    ]);
  });

  it("lets a record go only after a journal read that began after it came in", () => {
    const join = new StreamingJoin();
    join.readBegins();
    join.record(record("a1"));
    expect(join.readReturned([])).toEqual([]);
    join.readBegins();
    expect(join.readReturned([call("a1")]).map((joined) => joined.cost)).toEqual([900]);
  });

  it("holds a request whose client gave up until the end, for its call may still be running", () => {
    const join = new StreamingJoin();
    join.record(record("a1", { outcome: "timeout", outputTokens: 0 }));
    join.readBegins();
    expect(join.readReturned([])).toEqual([]);
    expect(join.finish([call("a1", { outputTokens: 40 })])).toMatchObject([{ key: "a1", wastedTokens: 40 }]);
  });

  it("answers what is left in the order in which it ended", () => {
    const join = new StreamingJoin();
    join.record(record("late", { endMs: 300 }));
    join.record(record("early", { endMs: 100, outcome: "aborted" }));
    expect(join.finish([]).map((joined) => joined.key)).toEqual(["early", "late"]);
  });
});
