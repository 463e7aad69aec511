import { describe, expect, it } from "vitest";
import { litellmProfile } from "../../../behavior/gateway-profiles/litellm.ts";
import { parseGatewayProfile } from "../../../behavior/gateway-profiles/profile-file.ts";
import { portkeyProfile } from "../../../behavior/gateway-profiles/portkey.ts";
import { tensorzeroProfile } from "../../../behavior/gateway-profiles/tensorzero.ts";
import type { NamedFiles } from "../../../behavior/scenario-input.ts";
import { scenarioInputFrom } from "../../../behavior/scenario-input.ts";
import { profileFile } from "../../../cli/calibrate/profile-file.ts";
import { gatewayOf } from "../../../simulator/scenario-run.ts";

const written = (profile: unknown): string => JSON.stringify({ format: 1, profile, machine: "any" });

describe("a gateway's profile in a file", () => {
  it.each([portkeyProfile, litellmProfile, tensorzeroProfile])("is read as it was written: $name", (profile) => {
    expect(parseGatewayProfile(written(profile), "mine.json")).toEqual(profile);
  });

  it("may be one that a calibration wrote", () => {
    const {
      name: _name,
      failover: _failover,
      cancelsUpstream: _cancels,
      status: _status,
      source: _source,
      ...costs
    } = portkeyProfile;
    const calibration = {
      profile: { name: "portkey", ...costs },
      rounds: 2,
      startUpMs: 400,
      rssBytesIdle: 1,
      rssBytesBusy: 2,
      requestsPerSecond: 700,
      ceilingCpuMs: 1,
      roundTripMs: 2,
    };
    const file = profileFile({ calibration, findings: undefined, others: 0, now: new Date(0) });
    expect(parseGatewayProfile(JSON.stringify(file), "mine.json")).toMatchObject({ ...costs, status: "modelled" });
  });

  it("that is none is refused with everything that is wrong", () => {
    const wrong = { ...portkeyProfile, requestCpuMs: -1, busyChunkShare: 3, weather: "fine" };
    const refused = (text: string): unknown => {
      try {
        return parseGatewayProfile(text, "mine.json");
      } catch (cause) {
        return cause;
      }
    };
    const error = refused(written(wrong));
    expect(error).toMatchObject({ code: "gateway-profile-invalid", exitCode: 3 });
    const paths = (error as { problems: { path: string }[] }).problems.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["profile.requestCpuMs", "profile.busyChunkShare", "profile"]));
    expect(refused("not even JSON")).toMatchObject({ code: "gateway-profile-invalid" });
  });
});

describe("platform.gateway-profile", () => {
  const text = `scenario: mine
traffic: { arrivals: [{ for: 1s, rate: 1/s }], requests: [{ model: m, input: 10, output: 10 }] }
providers: { openai: { dialect: openai, latency: openai-gpt-4o-mini, models: { m: {} } } }
platform: { gateway: "http://127.0.0.1:8080/v1", gateway-profile: ./mine.json }
objectives: { errors: 0 }
`;
  const asked: string[] = [];
  const files: NamedFiles = {
    text: (name) => {
      asked.push(name);
      return Promise.resolve(written({ ...portkeyProfile, name: "ours", version: "3" }));
    },
    pieces: () => (async function* () {})(),
  };

  it("is simulated in place of what Squall knows, for that gateway and for no other", async () => {
    const input = await scenarioInputFrom(text, "mine.yaml", files, {}, new AbortController().signal);
    expect(asked).toEqual(["./mine.json"]);
    expect(gatewayOf(input)).toMatchObject({ name: "ours", version: "3" });
    expect(gatewayOf(input, "http://127.0.0.1:8080/v1")).toMatchObject({ name: "ours" });
    expect(gatewayOf(input, "litellm")).toBe(litellmProfile);
    expect(() => gatewayOf(input, "http://elsewhere")).toThrow("cannot be simulated");
  });
});
