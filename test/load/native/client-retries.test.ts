/** Clients whose library tries again, against a real server: the same policy as in a simulation. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FailedTry, RetryAgain } from "../../../behavior/routing/client-retries.ts";
import { nativeEngine } from "../../../load/native/engine.ts";
import { behaviors } from "../behaviors.ts";
import { planned } from "../planned.ts";
import { type Behavior, scriptedServer, type ScriptedServer } from "../scripted-server.ts";
import { closed, open, played, type Played } from "./played.ts";

/** The first request of all is refused, and says for how long; every other one is answered. */
function refusesFirst(): Behavior {
  let calls = 0;
  return (response, body) => {
    calls += 1;
    if (calls > 1) return behaviors["stream"]?.(response, body);
    response.writeHead(429, { "content-type": "application/json", "retry-after": "3", "retry-after-ms": "2500" });
    response.end('{"error":{"code":"rate_limit_exceeded"}}');
  };
}

let server: ScriptedServer;
beforeEach(async () => {
  server = await scriptedServer({ ...behaviors, "refuses-first": refusesFirst() });
});
afterEach(async () => {
  await server.close();
});

function withRetries({ options, ...rest }: Played, retryAgain: RetryAgain): Played {
  const { phases, client } = options.workload;
  return { ...rest, options: { ...options, workload: { phases, client: { ...client, retryAgain } } } };
}

describe("a client whose library tries again", () => {
  it("is one record: the last answer, counted from the first try", async () => {
    const failures: FailedTry[] = [];
    const run = withRetries(played(server, [open([planned({ key: "a", model: "refuses-first" })])]), (failed) => {
      failures.push(failed);
      return 5;
    });
    await nativeEngine(run.options);
    expect(failures).toMatchObject([{ key: "a", tries: 1, outcome: "rate-limited", status: 429, retryAfterMs: 2_500 }]);
    expect(run.records).toMatchObject([{ key: "a", outcome: "ok", clientTries: 2 }]);
    const [record] = run.records;
    expect((record?.endMs ?? 0) - (record?.sentMs ?? 0)).toBeGreaterThan(5);
    expect(server.requests).toHaveLength(2);
    expect(server.connections()).toBe(1);
  });

  it("gives up when the policy says so, and its user goes on only then", async () => {
    const script = () => ["rate-limit", "stream"].map((model, turn) => planned({ key: `t${turn}`, model }));
    const run = withRetries(played(server, [closed(1, script)]), ({ tries }) => (tries < 3 ? 1 : undefined));
    await nativeEngine(run.options);
    expect(run.records.map(({ outcome, clientTries }) => [outcome, clientTries])).toEqual([
      ["rate-limited", 3],
      ["ok", undefined],
    ]);
  });

  it("does not ask again for a stream that has begun", async () => {
    const run = withRetries(played(server, [open([planned({ model: "cut-in-order" })])]), () => 1);
    await nativeEngine(run.options);
    expect(run.records).toMatchObject([{ outcome: "cut-stream" }]);
    expect(server.requests).toHaveLength(1);
  });

  it("leaves between two tries if that is when it wants to leave", async () => {
    const leaving = planned({ model: "rate-limit", leaveAfterMs: 200 });
    const run = withRetries(played(server, [open([leaving])]), () => 60_000);
    await nativeEngine(run.options);
    expect(run.records).toMatchObject([{ outcome: "aborted", reason: "client-left" }]);
  });

  it("is unfinished when the run is interrupted between two tries", async () => {
    const stop = new AbortController();
    const run = withRetries(
      played(server, [open([planned({ model: "rate-limit" })])], undefined, { signal: stop.signal }),
      () => {
        setImmediate(() => stop.abort());
        return 60_000;
      },
    );
    const { status } = await nativeEngine(run.options);
    expect(status).toBe("interrupted");
    expect(run.records).toMatchObject([{ outcome: "unfinished", reason: "interrupted" }]);
  });
});
