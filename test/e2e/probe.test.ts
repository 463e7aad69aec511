/**
 * What Portkey 1.15.2 was found to do, found again by the probe. With SQUALL_TEST_PROBES=all the same of LiteLLM and TensorZero, which takes
 * two minutes more and installs them.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { ProbeAnswer, ProbeFindings } from "../../cli/probe/findings.ts";
import { probeGateway } from "../../cli/probe/probe.ts";
import { cacheFolder } from "../../gateways/cache.ts";
import { gatewayDriver } from "../../gateways/drivers.ts";

const all = process.env["SQUALL_TEST_PROBES"] === "all";
if (!all) console.log("skipped: probes of litellm and tensorzero; set SQUALL_TEST_PROBES=all");

describe("portkey", () => {
  const { answerTo, findings } = probed("portkey");

  it("retries after 1 and 2 seconds, and does not listen to retry-after but passes it on", () => {
    const { calls, waitsMs, retryAfterPassedOn } = answerTo("429, retry-after 3 s");
    expect({ calls, retryAfterPassedOn }).toEqual({ calls: 3, retryAfterPassedOn: true });
    expect(waitsMs.map((waitMs) => Math.floor(waitMs / 1_000))).toEqual([1, 2]);
  });

  it("hands refusals on as they are, without another call", () => {
    for (const [question, status] of [["400", 400] as const, ["401, key revoked", 401] as const]) {
      expect(answerTo(question)).toMatchObject({ status, calls: 1 });
    }
  });

  it("makes 500 of a connection that failed", () => {
    expect(answerTo("connection reset")).toMatchObject({ status: 500, calls: 3 });
  });

  it("ends a cut stream in order, without a word of error or [DONE]", () => {
    expect(answerTo("cut stream")).toMatchObject({ status: 200, outcome: "cut-stream", errorTold: false, done: false });
    expect(answerTo("cut stream").finishReason).toBe("");
  });

  it("believes what a provider says it used", () => {
    expect(answerTo("wrong usage (x 10)")).toMatchObject({ looksHealthy: true, usageTold: 240, usageTrue: 24 });
  });

  it("neither pauses a failing provider, nor stops one whose client has left, nor drains", () => {
    const { pauses, habits, profile } = findings();
    expect(pauses.map(({ answeredWithoutCall }) => answeredWithoutCall)).toEqual([0, 0, 0, 0]);
    expect(habits).toEqual({
      headersPassedOn: [],
      fallsBack: true,
      fallsBackAfterRefusal: false,
      fallsBackInStream: false,
      stopsUpstreamOfLeavingStream: false,
      stopsUpstreamOfLeavingWhole: false,
      drains: false,
    });
    expect(profile).toMatchObject({ cancelsUpstream: false, cooldownMs: {} });
    // As the shipped profile has it: nothing but waits that double from the first, and a status for a connection.
    expect(profile.failover).toEqual({ backoffMs: expect.any(Number), connectionStatus: 500 });
    expect(Math.floor(profile.failover.backoffMs / 500)).toBe(2);
    expect(answerTo("client leaves a stream").providerStops).toBe(false);
  });
});

describe.skipIf(!all)("litellm", () => {
  const { answerTo, findings } = probed("litellm");

  it("waits as long as retry-after says, and does not pass it on", () => {
    const { waitsMs, retryAfterPassedOn } = answerTo("429, retry-after 3 s");
    expect(retryAfterPassedOn).toBe(false);
    for (const waitMs of waitsMs) expect(waitMs).toBeGreaterThan(2_900);
  });

  it("makes a truncated stream look healthy, but tells of a cut one", () => {
    expect(answerTo("truncated stream")).toMatchObject({ looksHealthy: true, finishReason: "stop", done: true });
    expect(answerTo("cut stream")).toMatchObject({ outcome: "cut-stream", errorTold: true, done: false });
  });

  it("pauses a lone provider for 5 seconds after one 401 or 404, drains, and stops streams nobody reads", () => {
    const { pauses, habits } = findings();
    const paused = pauses.filter(({ answeredWithoutCall }) => answeredWithoutCall > 0);
    expect(paused.map(({ status }) => status)).toEqual([401, 404]);
    for (const { statusMeanwhile } of paused) expect(statusMeanwhile).toBe(429);
    expect(habits).toMatchObject({ drains: true, stopsUpstreamOfLeavingStream: true, fallsBack: true });
    expect(habits.headersPassedOn).toEqual(["x-request-id", "x-squall-probe"]);
    const { backoffMs, repeats, failureStatus, ...failover } = findings().profile.failover;
    expect(Math.abs(backoffMs - 700)).toBeLessThan(500);
    expect([repeats, failureStatus]).toEqual([undefined, undefined]);
    expect(failover).toMatchObject({
      connectionStatus: 500,
      retryAfterMsMax: 60_000,
      waitsAfterLast: true,
      fallsBackAlways: true,
      hidesRetryAfter: true,
    });
  });
});

describe.skipIf(!all)("tensorzero", () => {
  const { answerTo, findings } = probed("tensorzero");

  it("makes 502 of every failure, and repeats even what cannot help", () => {
    for (const question of ["400", "401, key revoked", "429", "500", "connection reset"]) {
      expect(answerTo(question)).toMatchObject({ status: 502, calls: 3 });
    }
  });

  it("says [DONE] after a cut stream, beside the error", () => {
    expect(answerTo("cut stream")).toMatchObject({ outcome: "cut-stream", errorTold: true, done: true });
  });

  it("passes no header on, pauses nobody and does not drain", () => {
    expect(findings().habits).toMatchObject({ headersPassedOn: [], drains: false });
    expect(findings().profile.cooldownMs).toEqual({});
    expect(findings().profile.failover).toMatchObject({
      connectionStatus: 502,
      repeats: { never: [], asTold: [] },
      fallsBackAlways: true,
      retriesRoute: true,
      failureStatus: 502,
    });
  });
});

/** Probes the gateway once, before the tests of its block. */
function probed(gateway: string): {
  readonly findings: () => ProbeFindings;
  readonly answerTo: (question: string) => ProbeAnswer;
} {
  let found: ProbeFindings | undefined;
  beforeAll(async () => {
    found = await probeGateway({
      driver: gatewayDriver(gateway),
      dialects: ["openai"],
      retries: 2,
      cacheDir: cacheFolder(process.env),
      onProgress: () => undefined,
      signal: new AbortController().signal,
    });
  }, 600_000);
  const findings = (): ProbeFindings => found ?? expect.unreachable("the probe failed");
  return {
    findings,
    answerTo: (question) =>
      findings().answers.find((each) => each.question === question) ?? expect.unreachable(`${question} was not asked`),
  };
}
