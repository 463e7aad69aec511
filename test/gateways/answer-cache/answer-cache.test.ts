/** The cache of answers as a process, before a server of this one that counts what comes through. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { formatMarker } from "../../../behavior/marker.ts";
import { type CachedFront, withAnswerCache } from "../../../gateways/answer-cache/front.ts";
import { modelHeader } from "../../../gateways/haproxy/config.ts";
import type { Front } from "../../../gateways/haproxy/front.ts";

interface Cached extends CachedFront {
  /** Asks as a workload does; says whether the answer had been kept, and what it was. */
  readonly ask: (key: string, model?: string) => Promise<readonly [from: string | null, status: number, text: string]>;
  /** Requests that came through. */
  readonly came: () => number;
  readonly stopped: () => boolean;
  /** How the next answer ends, and with which status. */
  next: { readonly finish: string; readonly status: number };
}

const always = { ttlMs: 60_000, entriesMax: 100, repeats: 1, questions: 1, semantic: 0 };

async function cached(changes: Partial<typeof always> = {}): Promise<Cached> {
  let came = 0;
  let stopped = false;
  const made = { next: { finish: "stop", status: 200 } };
  const behind = createServer((request, response) => {
    came += 1;
    request.resume().once("end", () => {
      response.writeHead(made.next.status, { "content-type": "text/event-stream" });
      response.write(`data: {"choices":[{"delta":{"content":"answer ${came}"}}]}\n\n`);
      response.end(`data: {"choices":[{"delta":{},"finish_reason":"${made.next.finish}"}]}\n\ndata: [DONE]\n\n`);
    });
  });
  await new Promise<void>((resolve) => behind.listen(0, "127.0.0.1", resolve));
  const front = {
    description: "made",
    origin: `http://127.0.0.1:${(behind.address() as AddressInfo).port}`,
    exited: new Promise<string>(() => undefined),
    stop: () => {
      stopped = true;
      return Promise.resolve();
    },
  } as unknown as Front; // all that the cache asks of one
  const start = { cache: { ...always, ...changes }, seed: 1, timeScale: 1, readyTimeoutMs: 10_000 };
  const built = await withAnswerCache(front, { ...start, signal: AbortSignal.timeout(20_000) });
  onTestFinished(async () => {
    await built.front.stop(1_000);
    behind.close();
    behind.closeAllConnections();
  });
  const ask: Cached["ask"] = async (key, model = "gpt-4o-mini") => {
    const content = `${formatMarker("load", { key, inputTokens: 1, cachedTokens: 0, outputTokens: 1 })}hello`;
    const body = JSON.stringify({ model, stream: true, messages: [{ role: "user", content }] });
    const response = await fetch(`${built.front.origin}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", [modelHeader]: model },
      body,
    });
    return [response.headers.get("x-squall-answered-from"), response.status, await response.text()];
  };
  return Object.assign(made, { ...built, ask, came: () => came, stopped: () => stopped });
}

describe("a cache of answers before a fleet", () => {
  it("gives an answer again to who asks the same, and says that it had kept it", async () => {
    const { ask, came, front } = await cached();
    const [first, status, text] = await ask("r1");
    expect([first, status]).toEqual([null, 200]);
    expect(await ask("r2")).toEqual(["cache", 200, text]);
    expect((await ask("r3", "gpt-4o-mini~2"))[0]).toBe("cache");
    expect((await ask("r1", "gpt-4o"))[0]).toBeNull();
    expect(came()).toBe(2);
    expect(front.description).toBe("a cache of answers before made");
  });

  it("has nothing any more once it has lost its answers, and says how many those were", async () => {
    const { ask, came, loseAnswers } = await cached();
    await ask("r1");
    expect(await loseAnswers()).toBe(1);
    expect(await loseAnswers()).toBe(0);
    expect((await ask("r2"))[0]).toBeNull();
    expect(came()).toBe(2);
  });

  it("keeps whole answers only", async () => {
    const made = await cached();
    made.next = { finish: "length", status: 200 };
    await made.ask("r1");
    made.next = { finish: "stop", status: 500 };
    expect((await made.ask("r2")).slice(0, 2)).toEqual([null, 500]);
    made.next = { finish: "stop", status: 200 };
    expect((await made.ask("r3"))[0]).toBeNull();
    expect((await made.ask("r4"))[0]).toBe("cache");
  });

  it("answers what means the same with what it has, where the scenario says so", async () => {
    const { ask } = await cached({ repeats: 0, semantic: 1 });
    expect((await ask("r1"))[0]).toBeNull();
    expect((await ask("r2"))[0]).toBe("similar");
  });

  it("passes on what no workload has planned, and is stopped along with what is behind it", async () => {
    const { front, came, stopped } = await cached();
    const ask = (): Promise<Response> => fetch(`${front.origin}/v1/models`, { method: "POST", body: "hello" });
    await (await ask()).text();
    expect((await ask()).headers.get("x-squall-answered-from")).toBeNull();
    expect(came()).toBe(2);
    await front.stop(1_000);
    expect(stopped()).toBe(true);
    await expect(ask()).rejects.toThrow();
  });
});
