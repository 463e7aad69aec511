/** What becomes of an exchange in the record: every field from its source, times in scenario time. */
import { Client, type Dispatcher } from "undici";
import { describe, expect, it } from "vitest";
import { Exchange } from "../../../load/native/exchange.ts";
import { recordOf } from "../../../load/native/exchange-record.ts";
import { type ManualClock, manualClock } from "../manual-clock.ts";
import { planned } from "../planned.ts";
import { contentEvent, wholeStream } from "../scripted-server.ts";

const controller: Dispatcher.DispatchController = {
  aborted: false,
  paused: false,
  reason: null,
  rawHeaders: null,
  rawTrailers: null,
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
};

/** An exchange on a connection that is never opened: the test plays undici. */
function exchangeOn(clock: ManualClock): Exchange {
  const route = {
    origin: "http://127.0.0.1:9",
    path: "/",
    headers: [],
    model: "gpt-4o-mini",
    sessionHeader: undefined,
    tenantHeader: undefined,
  };
  const request = planned({ tenant: "acme", cachedTokens: 16 });
  const plan = {
    phase: "load" as const,
    planned: request,
    intendedMs: 90,
    deadlineMs: 5_000,
    route,
    tries: 1,
    resends: 0,
  };
  return new Exchange(plan, new Client(route.origin), clock, () => undefined);
}

/** The run began at 50 on the clock, ten scenario milliseconds a millisecond. */
const scenarioMs = (wallMs: number): number => (wallMs - 50) * 10;

describe("recordOf", () => {
  it("tells times in scenario time and tokens from the usage", () => {
    const clock = manualClock(100);
    const exchange = exchangeOn(clock);
    clock.advanceTo(110);
    exchange.onRequestStart();
    exchange.onResponseStart(controller, 200, { "content-type": "text/event-stream" });
    clock.advanceTo(200);
    exchange.onResponseData(controller, Buffer.from(contentEvent("a")));
    clock.advanceTo(230.5);
    exchange.onResponseData(controller, Buffer.from(wholeStream));
    clock.advanceTo(240);
    exchange.onResponseEnd();
    expect(exchange.verdict).toEqual({ outcome: "ok", reason: "" });
    expect(recordOf(exchange, { outcome: "ok", reason: "" }, scenarioMs, 10)).toEqual({
      key: "a0",
      phase: "load",
      tenant: "acme",
      model: "gpt-x",
      provider: "",
      stream: true,
      intendedMs: 400,
      sentMs: 600,
      firstTokenMs: 1_500,
      endMs: 1_900,
      status: 200,
      outcome: "ok",
      reason: "",
      inputTokens: 41,
      cachedTokens: 8,
      outputTokens: 2,
      chunks: 3,
      gapMaxMs: 305,
      upstreamCalls: 0,
      cost: 0,
      wastedTokens: 0,
    });
  });

  it("falls back on the plan and on the events seen when no usage came", () => {
    const clock = manualClock(100);
    const exchange = exchangeOn(clock);
    exchange.onResponseStart(controller, 200, { "content-type": "text/event-stream" });
    exchange.onResponseData(controller, Buffer.from(contentEvent("a") + contentEvent("b")));
    clock.advanceTo(150);
    exchange.onResponseError(controller, Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
    const verdict = { outcome: "cut-stream", reason: "ECONNRESET" } as const;
    expect(exchange.verdict).toEqual(verdict);
    expect(recordOf(exchange, verdict, scenarioMs, 10)).toMatchObject({
      ...verdict,
      sentMs: 500,
      endMs: 1_000,
      inputTokens: 40,
      cachedTokens: 16,
      outputTokens: 2,
    });
  });
});
