import { describe, expect, it } from "vitest";
import { freshKeys, hostProblem, originProblem, seatOf } from "../../../cli/serve/access.ts";

describe("keys", () => {
  it("are one for each seat, and others with every start", () => {
    const [keys, others] = [freshKeys(), freshKeys()];
    const all = [...Object.values(keys), ...Object.values(others)];
    expect(new Set(all).size).toBe(6);
    for (const key of all) expect(key).toMatch(/^[\w-]{24}$/);
  });

  it("give their own seat and no other", () => {
    const keys = freshKeys();
    expect(seatOf(keys, keys.responder)).toBe("responder");
    expect(seatOf(keys, keys["incident-lead"])).toBe("incident-lead");
    for (const wrong of [undefined, "", keys.observer.slice(1), `${keys.observer}x`]) {
      expect(seatOf(keys, wrong)).toBeUndefined();
    }
  });
});

describe("hostProblem", () => {
  it.each([
    ["127.0.0.1:9200", true],
    ["localhost:9200", true],
    ["[::1]:9200", true],
    ["192.168.0.7:9200", true],
    ["planning.example:9200", true],
    ["evil.example:9200", false],
    ["127.0.0.1.evil.example", false],
    ["", false],
    [undefined, false],
  ])("%s: ours %s", (host, isOurs) => {
    const headers = host === undefined ? {} : { host };
    expect(hostProblem({ headers }, "planning.example") === undefined).toBe(isOurs);
  });
});

describe("originProblem", () => {
  const json = { host: "127.0.0.1:9200", "content-type": "application/json" };
  it.each([
    {
      why: "a page of ours",
      headers: { ...json, origin: "http://127.0.0.1:9200", "sec-fetch-site": "same-origin" },
      may: true,
    },
    { why: "a program", headers: json, may: true },
    { why: "a page from elsewhere", headers: { ...json, origin: "http://evil.example" }, may: false },
    { why: "another server of this machine", headers: { ...json, origin: "http://127.0.0.1:9300" }, may: false },
    { why: "a page that hides where it is from", headers: { ...json, "sec-fetch-site": "cross-site" }, may: false },
    { why: "a form", headers: { ...json, "content-type": "text/plain" }, may: false },
  ] as const)("$why: may act $may", ({ headers, may }) => expect(originProblem({ headers }) === undefined).toBe(may));
});
