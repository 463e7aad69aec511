/** What the engine makes of a k6 that behaves, one that dies, and one that talks nonsense. This k6 is a script of ours. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { request } from "node:http";
import { describe, expect, it } from "vitest";
import type { K6Line, K6Request } from "../../../core/k6-plan.ts";
import type { RequestRecord } from "../../../core/record.ts";
import type { LoadOptions } from "../../../load/engine.ts";
import { k6Engine } from "../../../load/k6/engine.ts";
import type { ProgramEnd, StartProgram } from "../../../load/k6/program.ts";
import { planned } from "../planned.ts";
import { open } from "../native/played.ts";

/** What the script sees and can do. */
interface Scripted {
  readonly rows: readonly K6Request[];
  /** Comes to the gate and waits until it is let in. */
  readonly enter: () => Promise<void>;
  readonly say: (line: K6Line) => void;
  readonly print: (text: string) => void;
  /** Resolves when somebody asks it to stop. */
  readonly stopped: Promise<void>;
}

type Script = (k6: Scripted) => Promise<number>;

function scriptedK6(script: Script): StartProgram {
  return ({ env = {}, onOutput }) => {
    const stop = Promise.withResolvers<void>();
    let wasStopped = false;
    const folder = env["SQUALL_PLAN"] ?? "";
    const lines = readFileSync(path.join(folder, `${env["SQUALL_PHASE"]}.ndjson`), "utf8")
      .trimEnd()
      .split("\n");
    const print = (text: string): void => onOutput?.(Buffer.from(`${text}\n`));
    const ended = script({
      rows: lines.map((line) => JSON.parse(line) as K6Request),
      enter: () =>
        new Promise((resolve) => {
          request(env["SQUALL_GATE"] ?? "", (answer) => answer.resume().once("end", resolve)).end();
        }),
      say: (line) => print(`squall ${JSON.stringify(line)}`),
      print,
      stopped: stop.promise,
    }).then((code): ProgramEnd => ({ code, signal: null, stopped: wasStopped }));
    return Promise.resolve({
      pid: 1,
      ended,
      lastLines: () => "panic: it is broken",
      stop: async () => {
        wasStopped = true;
        stop.resolve();
        await ended;
      },
    });
  };
}

function lineOf(kind: "begin" | "end", row: K6Request, fields: object = {}): K6Line {
  const { key, tenant, model, stream, inputTokens, cachedTokens, atMs } = row;
  const instants = { intendedMs: atMs, sentMs: atMs, firstTokenMs: null, endMs: atMs };
  const answer = { status: 0, outcome: "unfinished" as const, reason: "interrupted", outputTokens: 0, chunks: 0 };
  const asked = { key, phase: "load" as const, tenant, model, stream, inputTokens, cachedTokens };
  return { kind, record: { ...asked, ...instants, ...answer, ...fields } };
}

const answered = { status: 200, outcome: "ok", reason: "", firstTokenMs: 5, endMs: 9 };

async function play(
  script: Script,
  fields: Partial<LoadOptions> = {},
): Promise<{ records: RequestRecord[]; result: Awaited<ReturnType<ReturnType<typeof k6Engine>>> }> {
  const records: RequestRecord[] = [];
  const engine = k6Engine({
    binary: "k6",
    program: "squall.ts",
    start: scriptedK6(script),
    cpuSeconds: () => Promise.resolve(undefined),
  });
  const result = await engine({
    workload: { phases: [open([planned({ key: "a0" }), planned({ key: "a1" })])], client: { timeoutMs: 1_000 } },
    target: { call: () => ({ url: "http://127.0.0.1:9/v1", headers: {} }) },
    timeScale: 1,
    onRecord: (record) => records.push(record),
    onProgress: () => undefined,
    signal: new AbortController().signal,
    limits: { maxInFlight: 10, maxConnections: 10 },
    ...fields,
  });
  return { records, result };
}

const wholePhase: Script = async ({ rows, enter, say, print }) => {
  await enter();
  for (const row of rows) say(lineOf("begin", row));
  print("Request Failed: something for people");
  for (const row of rows) say(lineOf("end", row, answered));
  say({ kind: "over", phase: "load" });
  return 0;
};

describe("the k6 engine", () => {
  it("records what k6 says, and lets it in only once the phase may begin", async () => {
    const order: string[] = [];
    const { records, result } = await play(
      async (k6) => {
        const entered = k6.enter().then(() => order.push("let in"));
        await entered;
        return await wholePhase({ ...k6, enter: () => Promise.resolve() });
      },
      { onPhase: () => void order.push("phase") },
    );
    expect(order).toEqual(["phase", "let in"]);
    expect(records.map(({ key, outcome, provider }) => [key, outcome, provider])).toEqual([
      ["a0", "ok", ""],
      ["a1", "ok", ""],
    ]);
    expect(result).toMatchObject({ status: "complete", phases: [{ name: "load", startMs: 0 }] });
    expect(result).not.toHaveProperty("failure");
    expect(result.generator.overload).toBe("");
  });

  it("says that k6 died and what it said last, and keeps what was recorded", async () => {
    const { records, result } = await play(async ({ rows, enter, say }) => {
      await enter();
      const [first, second] = rows;
      if (first === undefined || second === undefined) return 1;
      say(lineOf("begin", first));
      say(lineOf("begin", second));
      say(lineOf("end", first, answered));
      return 137;
    });
    expect(result.status).toBe("interrupted");
    expect(result.failure).toBe("k6 ended with exit code 137 in phase load; it said:\npanic: it is broken");
    expect(records.map(({ key, outcome }) => [key, outcome])).toEqual([
      ["a0", "ok"],
      ["a1", "unfinished"],
    ]);
  });

  it("does not wait for a k6 that dies before it is ready", async () => {
    const { records, result } = await play(() => Promise.resolve(107));
    expect(result.failure).toMatch(/^k6 ended with exit code 107 in phase load/);
    expect({ records, phases: result.phases, durationMs: result.durationMs }).toEqual({
      records: [],
      phases: [],
      durationMs: 0,
    });
  });

  it("does not believe an end in order before the phase is over", async () => {
    const { result } = await play(async ({ enter }) => {
      await enter();
      return 0;
    });
    expect(result.failure).toMatch(/^k6 ended before the phase was over in phase load/);
  });

  it("ends the run at a line that it cannot read", async () => {
    const { result } = await play(async ({ enter, print, stopped }) => {
      await enter();
      print("squall {torn");
      await stopped;
      return 0;
    });
    expect(result.failure).toBe("k6 said what cannot be read: squall {torn");
  });

  it("stops k6 when it is interrupted, and records what was in flight as unfinished", async () => {
    const interrupt = new AbortController();
    const { records, result } = await play(
      async ({ rows, enter, say, stopped }) => {
        await enter();
        const [first] = rows;
        if (first !== undefined) say(lineOf("begin", first));
        interrupt.abort();
        await stopped;
        return 105;
      },
      { signal: interrupt.signal },
    );
    expect(result.status).toBe("interrupted");
    expect(result).not.toHaveProperty("failure");
    expect(records).toMatchObject([{ key: "a0", outcome: "unfinished", reason: "interrupted", status: 0 }]);
  });

  it("fails with what a callback throws, once k6 has stopped", async () => {
    let stopped = false;
    const run = play(
      async (k6) => {
        await k6.enter();
        for (const row of k6.rows) k6.say(lineOf("end", row, answered));
        await k6.stopped;
        stopped = true;
        return 0;
      },
      {
        onRecord: () => {
          throw new Error("the disk is full");
        },
      },
    );
    await expect(run).rejects.toThrow("the disk is full");
    expect(stopped).toBe(true);
  });

  it("calls itself the bottleneck when it sent late, and when a script was cut", async () => {
    const { result } = await play(async ({ rows, enter, say }) => {
      await enter();
      for (const row of rows) say(lineOf("end", row, { ...answered, sentMs: row.atMs + 60, endMs: row.atMs + 90 }));
      say({ kind: "script-cut", user: 1 });
      say({ kind: "over", phase: "load" });
      return 0;
    });
    expect(result.generator.latenessP99Ms).toBeGreaterThanOrEqual(59);
    expect(result.generator.overload).toMatch(
      /^k6 sent requests 60\.\d ms late at p99, 5\.0 ms is allowed; 1 users came to the end of a plan that was cut$/,
    );
  });

  it("calls itself the bottleneck when requests were due and no virtual user was free", async () => {
    const late = { sentMs: 60, endMs: 90 };
    const script: Script = async ({ rows, enter, say }) => {
      await enter();
      for (const row of rows) {
        say(lineOf("begin", row, late));
        say(lineOf("end", row, { ...answered, ...late }));
      }
      say({ kind: "over", phase: "load" });
      return 0;
    };
    const crowded = await play(script, { limits: { maxInFlight: 1, maxConnections: 10 } });
    expect(crowded.result.generator.overload).toContain("2 requests were due while all virtual users of k6 were busy");
    const roomy = await play(script);
    expect(roomy.result.generator.overload).not.toContain("virtual users");
  });
});
