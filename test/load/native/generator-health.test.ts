/** A generator that could not keep up says so. */
import { describe, expect, it } from "vitest";
import { GeneratorMeter, type GeneratorReadings, judgeGenerator } from "../../../load/native/generator-health.ts";

const limits = { maxInFlight: 100, maxConnections: 100 };
const well: GeneratorReadings = {
  latenessP50Ms: 0.6,
  latenessP99Ms: 1.4,
  latenessMaxMs: 40,
  firstTokenP50Ms: 300,
  loopUtilization: 0.3,
  heldBack: 0,
};

describe("judgeGenerator", () => {
  it.each([
    { why: "all is well", readings: {}, overload: "" },
    { why: "exactly at every bound all is well", readings: { latenessP99Ms: 15, loopUtilization: 0.9 }, overload: "" },
    {
      why: "lateness above 5 % of the first token counts",
      readings: { latenessP99Ms: 15.1 },
      overload: "15.1 ms late at p99, 15.0 ms is allowed",
    },
    {
      why: "fast targets allow 5 ms",
      readings: { firstTokenP50Ms: 20, latenessP99Ms: 5.2 },
      overload: "5.2 ms late at p99, 5.0 ms is allowed",
    },
    { why: "slow targets allow more", readings: { firstTokenP50Ms: 2_000, latenessP99Ms: 99 }, overload: "" },
    {
      why: "a busy loop counts",
      readings: { loopUtilization: 0.95 },
      overload: "the event loop was 95 % busy, 90 % is allowed",
    },
    { why: "waiting for room counts", readings: { heldBack: 3 }, overload: "3 times a due request had to wait" },
  ])("$why", ({ readings, overload }) => {
    const health = judgeGenerator({ ...well, ...readings }, limits);
    if (overload === "") expect(health.overload).toBe("");
    else expect(health.overload).toContain(overload);
  });

  it("names the limit that was reached", () => {
    const held = { ...well, heldBack: 1 };
    expect(judgeGenerator(held, { maxInFlight: 10, maxConnections: 20 }).overload).toContain(
      "10 were in flight already (maxInFlight)",
    );
    expect(judgeGenerator(held, { maxInFlight: 20, maxConnections: 10 }).overload).toContain(
      "all 10 connections were in use (maxConnections)",
    );
  });

  it("tells every reason, and passes the readings on", () => {
    const health = judgeGenerator({ ...well, latenessP99Ms: 50, loopUtilization: 1, heldBack: 1 }, limits);
    expect(health.overload.split("; ").length).toBe(3);
    expect(health).toMatchObject({ latenessP50Ms: 0.6, latenessP99Ms: 50, latenessMaxMs: 40, loopUtilization: 1 });
  });
});

describe("GeneratorMeter", () => {
  it("reads percentiles of lateness to three figures", () => {
    const meter = new GeneratorMeter();
    meter.count(true);
    for (let index = 1; index <= 1_000; index++) meter.sent(index / 100);
    const { latenessP50Ms, latenessP99Ms, latenessMaxMs } = meter.readings();
    expect(latenessP50Ms).toBeCloseTo(5, 1);
    expect(latenessP99Ms).toBeCloseTo(9.9, 1);
    expect(latenessMaxMs).toBeCloseTo(10, 1);
  });

  it("counts nothing but what happens while it counts", () => {
    const meter = new GeneratorMeter();
    meter.sent(900);
    meter.answered(900);
    meter.heldBack();
    meter.count(true);
    meter.sent(2);
    meter.answered(7);
    meter.count(false);
    meter.sent(900);
    expect(meter.readings()).toMatchObject({ heldBack: 0 });
    expect(meter.readings().latenessMaxMs).toBeCloseTo(2, 2);
    expect(meter.readings().firstTokenP50Ms).toBeCloseTo(7, 2);
  });

  it("measures a busy event loop as busy", async () => {
    const meter = new GeneratorMeter();
    await new Promise((resolve) => setTimeout(resolve, 20));
    meter.count(true);
    await new Promise<void>((resolve) => {
      const untilMs = performance.now() + 60;
      const spin = (): unknown => (performance.now() < untilMs ? setImmediate(spin) : resolve());
      spin();
    });
    meter.count(false);
    expect(meter.readings().loopUtilization).toBeGreaterThan(0.5);
  });

  it("is all nought when nothing was counted", () => {
    expect(judgeGenerator(new GeneratorMeter().readings(), limits)).toEqual({
      latenessP50Ms: 0,
      latenessP99Ms: 0,
      latenessMaxMs: 0,
      loopUtilization: 0,
      overload: "",
    });
  });
});
