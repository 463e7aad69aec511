/** The real HAProxy in front of a server that says what it was sent: what changes at run time changes from the next request on. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findHaproxy } from "../../../gateways/haproxy/binary.ts";
import { modelHeader, sessionHeader, tenantHeader } from "../../../gateways/haproxy/config.ts";
import { type Front, startHaproxy } from "../../../gateways/haproxy/front.ts";

const binary = await findHaproxy(process.env);
if (binary === undefined) console.log("skipped: there is no HAProxy on this machine");

interface Seen {
  readonly route: string | undefined;
  readonly tenant: string | undefined;
}

describe.skipIf(binary === undefined)("HAProxy in front of a fleet", () => {
  let front: Front;
  let holds = false;
  let release: (() => void) | undefined;

  const behind = createServer((request, response) => {
    request.resume();
    if (holds) {
      release = () => response.end();
      return;
    }
    const seen: Seen = {
      route: String(request.headers["x-route"]),
      tenant: request.headers[tenantHeader]?.toString(),
    };
    response.end(JSON.stringify(seen));
  });

  beforeAll(async () => {
    if (binary === undefined) return;
    await new Promise<void>((resolve) => behind.listen(0, "127.0.0.1", resolve));
    front = await startHaproxy({
      binary,
      values: new Map([["x-route", { small: "small", large: "large" }]]),
      headers: ["x-route"],
      balance: { by: "round-robin" },
      slots: 1,
      concurrency: 1,
      readyTimeoutMs: 10_000,
      signal: AbortSignal.timeout(20_000),
    });
    await front.settle(1, (behind.address() as AddressInfo).port);
    await front.turn(1, "serve");
  });

  afterAll(async () => {
    await front.stop(1_000);
    behind.close();
    behind.closeAllConnections();
  });

  const ask = (model: string, session: string, tenant = "web"): Promise<Response> => {
    const headers = { [modelHeader]: model, [sessionHeader]: session, [tenantHeader]: encodeURIComponent(tenant) };
    return fetch(front.origin, { method: "POST", body: "{}", headers });
  };

  /** Conversations about a model, of two hundred, that another one answers. */
  async function switchedOf(model: string): Promise<ReadonlySet<number>> {
    const sessions = Array.from({ length: 200 }, (_, index) => index);
    const routes = await Promise.all(
      sessions.map(async (each) => ((await (await ask(model, `s${each}`)).json()) as Seen).route),
    );
    expect(routes.filter((route) => route !== model && route !== "other")).toEqual([]);
    return new Set(sessions.filter((each) => routes[each] === "other"));
  }

  it("has part of the conversations answered by another model, the same ones, and more of them later", async () => {
    const other = new Map([["x-route", { small: "other" }]]);
    const share = (part: number): ReadonlyMap<string, number> => new Map([["small", part]]);
    expect(await switchedOf("small")).toEqual(new Set());
    await front.switchModels({ shares: share(0.1), values: other });
    const tenth = await switchedOf("small");
    expect(tenth.size).toBeGreaterThan(8);
    expect(tenth.size).toBeLessThan(36);
    expect(await switchedOf("small")).toEqual(tenth);
    expect(await switchedOf("large")).toEqual(new Set());
    await front.switchModels({ shares: share(0.5), values: other });
    const half = await switchedOf("small");
    expect(half.size).toBeGreaterThan(70);
    expect(half.size).toBeLessThan(130);
    expect([...tenth].every((each) => half.has(each))).toBe(true);
    await front.switchModels({ shares: new Map(), values: new Map() });
    expect(await switchedOf("small")).toEqual(new Set());
  });

  it("forgets who has given up while it waited for a place", async () => {
    const one = await front.counts();
    holds = true;
    const leaves = new AbortController();
    const headers = { [modelHeader]: "small" };
    const held = fetch(front.origin, { method: "POST", body: "{}", headers });
    await expect.poll(async () => (await front.counts()).slots.get(1)?.inFlight).toBe(1);
    const waits = fetch(front.origin, { method: "POST", body: "{}", headers, signal: leaves.signal });
    await expect.poll(async () => (await front.counts()).waiting).toBe(1);
    leaves.abort();
    await expect(waits).rejects.toThrow();
    await expect.poll(async () => (await front.counts()).waiting).toBe(0);
    holds = false;
    release?.();
    expect((await held).status).toBe(200);
    expect(((await front.counts()).slots.get(1)?.taken ?? 0) - (one.slots.get(1)?.taken ?? 0)).toBe(1);
  });

  it("refuses one tenant with 429 and when to come again, and nobody else", async () => {
    await front.bar("a b/ü", 12_345);
    const refused = await ask("small", "s1", "a b/ü");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "13"]);
    expect(await refused.json()).toMatchObject({ error: { code: "tenant-cap" } });
    const served = await ask("small", "s1", "a b");
    expect([served.status, ((await served.json()) as Seen).tenant]).toEqual([200, undefined]);
    await front.bar("a b/ü", undefined);
    await front.bar("a b/ü", undefined);
    expect((await ask("small", "s1", "a b/ü")).status).toBe(200);
  });
});
