import { describe, expect, it } from "vitest";
import type { Calibration } from "../../../cli/calibrate/calibrate.ts";
import { profileFile, profileInText } from "../../../cli/calibrate/profile-file.ts";
import { findings } from "../probe/answers.ts";

const calibration: Calibration = {
  profile: {
    name: "portkey",
    version: "1.15.2",
    requestCpuMs: 0.57,
    chunkCpuMs: 0.095,
    coalescedChunkCpuMs: 0.004,
    endCpuMs: 0.45,
    streamCpuMs: 0,
    busyRequestShare: 0.68,
    busyChunkShare: 0.44,
    warmMs: 0.6,
    requestTurns: 2,
    firstChunkDelayMs: 26.9,
    networkMs: 0.25,
  },
  rounds: 5,
  startUpMs: 400,
  rssBytesIdle: 70_000_000,
  rssBytesBusy: 198_000_000,
  requestsPerSecond: 700,
  ceilingCpuMs: 0.9,
  roundTripMs: 1.27,
};
const now = new Date("2026-11-21T06:00:00.000Z");

describe("a calibrated profile", () => {
  it("says when and on which machine it was measured, and does not claim to be validated", () => {
    const { profile, machine, measuredAt } = profileFile({ calibration, findings: undefined, others: 0, now });
    expect(profile).toMatchObject({ ...calibration.profile, status: "modelled", failover: undefined });
    expect(profile.source).toContain("measured 2026-11-21 on ");
    expect(profile.source).toContain(`${machine}, loopback`);
    expect(measuredAt).toBe("2026-11-21T06:00:00.000Z");
  });

  it("takes what the gateway does about failures from a probe", () => {
    const probed = findings({
      profile: {
        failover: { backoffMs: 875, connectionStatus: 502 },
        cancelsUpstream: true,
        cooldownMs: { "401": 5_079 },
      },
    });
    const file = profileFile({ calibration, findings: probed, others: 0.12, now });
    expect(file.profile).toMatchObject({
      failover: { backoffMs: 875, connectionStatus: 502, pause: { statuses: [401], forMs: 5_079 } },
      cancelsUpstream: true,
    });
    expect(file.profile.source).toContain(", of which other programs used 12 %, loopback");
    expect(file.cooldownMs).toEqual({ "401": 5_079 });
    expect(profileInText(file)).toContain("first retry after 875 ms; stops the provider when a client leaves");
    expect(profileInText(file)).toContain("pause after 401   5079 ms");
  });

  it("is told to people in units they know", () => {
    const text = profileInText(profileFile({ calibration, findings: undefined, others: 0, now }));
    expect(text).toContain("CPU of a request  1.02 ms alone, 68 % of that when busy");
    expect(text).toContain("ceiling           700 requests/s, with 0.90 ms of CPU each");
    expect(text).toContain("memory            70 MB idle, 198 MB after load");
    expect(text).toContain("not probed");
  });
});
