/** One request against a real server that misbehaves in every way it is told to. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RequestRecord } from "../../../core/record.ts";
import { nativeEngine } from "../../../load/native/engine.ts";
import { behaviors } from "../behaviors.ts";
import { planned } from "../planned.ts";
import { scriptedServer, type ScriptedServer } from "../scripted-server.ts";
import { open, played } from "./played.ts";

let server: ScriptedServer;
beforeEach(async () => {
  server = await scriptedServer(behaviors);
});
afterEach(async () => {
  await server.close();
});

async function playOne(model: string, stream: boolean, timeoutMs?: number): Promise<RequestRecord | undefined> {
  const { options, records } = played(server, [open([planned({ model, stream })])], timeoutMs);
  const result = await nativeEngine(options);
  expect(result.status).toBe("complete");
  expect(records.length).toBe(1);
  return records[0];
}

describe("one request", () => {
  it.each(["stream", "crlf", "bytewise", "informed"])("is read true to its stream (%s)", async (model) => {
    expect(await playOne(model, true)).toMatchObject({
      key: "a0",
      phase: "load",
      tenant: "default",
      provider: "",
      status: 200,
      outcome: "ok",
      reason: "",
      chunks: 2,
      inputTokens: 41,
      cachedTokens: 8,
      outputTokens: 2,
    });
  });

  it("is read whole when it is not streamed", async () => {
    const record = await playOne("whole", false);
    expect(record).toMatchObject({
      status: 200,
      outcome: "ok",
      chunks: 0,
      gapMaxMs: 0,
      inputTokens: 41,
      outputTokens: 1,
    });
    expect(record?.firstTokenMs).not.toBeNull();
  });

  it("carries the marker and a JSON body to the whole of the target's URL, with the target's headers", async () => {
    const { options } = played(server, [open([planned({ model: "stream" })])]);
    const url = `${server.url("stream")}?api-version=1`;
    await nativeEngine({ ...options, target: { call: () => ({ url, headers: { authorization: "Bearer key" } }) } });
    const [request] = server.requests;
    expect(request).toMatchObject({ method: "POST", url: "/stream?api-version=1" });
    expect(request?.headers).toMatchObject({ authorization: "Bearer key", "content-type": "application/json" });
    expect(server.bodies[0]).toContain("[sq l a0 in=40 cached=0 out=3] ");
  });

  it.each([
    { model: "cut-in-order", outcome: "cut-stream", reason: "no-finish-reason", status: 200, chunks: 1 },
    { model: "cut-by-reset", outcome: "cut-stream", reason: "ECONNRESET", status: 200, chunks: 1 },
    { model: "cut-by-close", outcome: "cut-stream", reason: "closed-early", status: 200, chunks: 1 },
    { model: "done-without-finish", outcome: "cut-stream", reason: "no-finish-reason", status: 200, chunks: 1 },
    { model: "error-event", outcome: "cut-stream", reason: "server_is_overloaded", status: 200, chunks: 1 },
    { model: "error-event-and-silence", outcome: "cut-stream", reason: "server_error", status: 200, chunks: 0 },
    { model: "torn-event", outcome: "malformed", reason: "invalid-json", status: 200, chunks: 0 },
    { model: "endless-line", outcome: "malformed", reason: "event-too-large", status: 200, chunks: 0 },
    { model: "json", outcome: "malformed", reason: "not-an-event-stream", status: 200, chunks: 0 },
    { model: "rate-limit", outcome: "rate-limited", reason: "rate_limit_exceeded", status: 429, chunks: 0 },
    { model: "page", outcome: "server-error", reason: "http-500", status: 500, chunks: 0 },
    { model: "reset", outcome: "connection", reason: "ECONNRESET", status: 0, chunks: 0 },
    { model: "informed-and-reset", outcome: "connection", reason: "ECONNRESET", status: 0, chunks: 0 },
    { model: "close", outcome: "connection", reason: "closed-early", status: 0, chunks: 0 },
    { model: "cut-by-last-close", outcome: "cut-stream", reason: "closed-early", status: 200, chunks: 0 },
    { model: "torn-head", outcome: "connection", reason: "closed-early", status: 0, chunks: 0 },
    { model: "torn-framing", outcome: "malformed", reason: "invalid-http", status: 200, chunks: 0 },
    { model: "endless-head", outcome: "malformed", reason: "invalid-http", status: 0, chunks: 0 },
    { model: "garbage", outcome: "malformed", reason: "invalid-http", status: 0, chunks: 0 },
  ])("is told as $outcome, $reason when the target answers with: $model", async ({ model, ...told }) => {
    expect(await playOne(model, true)).toMatchObject({
      ...told,
      inputTokens: 40,
      cachedTokens: 0,
      outputTokens: told.chunks,
    });
  });

  it.each(["cut-body", "cut-last-body"])(
    "that is not streamed and breaks off has had no answer (%s)",
    async (model) => {
      const told = { status: 200, outcome: "connection", reason: "closed-early", firstTokenMs: null };
      expect(await playOne(model, false)).toMatchObject(told);
    },
  );

  it.each([
    { model: "silence", status: 0 },
    { model: "silence-after-token", status: 200 },
  ])(
    "times out when its client has waited long enough ($model), and the target sees it leave",
    async ({ model, status }) => {
      const record = await playOne(model, true, 60);
      expect(record).toMatchObject({ outcome: "timeout", reason: "client-timeout", status });
      expect((record?.endMs ?? 0) - (record?.intendedMs ?? 0)).toBeGreaterThanOrEqual(60);
      await server.deserted();
    },
  );

  it("is told as a connection that was refused when nobody listens", async () => {
    const { options, records } = played(server, [open([planned()])]);
    const url = server.url("stream");
    await server.close();
    await nativeEngine({ ...options, target: { call: () => ({ url, headers: {} }) } });
    expect(records[0]).toMatchObject({ outcome: "connection", reason: "ECONNREFUSED", status: 0, firstTokenMs: null });
    server = await scriptedServer({});
  });

  it("has its instants in order", async () => {
    const record = await playOne("bytewise", true);
    const instants = [record?.intendedMs, record?.sentMs, record?.firstTokenMs, record?.endMs].map(Number);
    expect(instants).toEqual(instants.toSorted((left, right) => left - right));
    expect(record?.gapMaxMs).toBeGreaterThan(0);
  });
});
