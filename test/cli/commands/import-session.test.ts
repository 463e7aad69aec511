import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomStream } from "../../../core/random.ts";
import { runCommandLine } from "../listening-terminal.ts";

let folder = "";
const inFolder = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "squall-session-"));
  await writeFile(inFolder("session.har"), JSON.stringify(har(), null, 1));
  await writeFile(inFolder("session.jsonl"), lines());
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

/** Planted in every place where a recording has something of its user's. */
const secret = "PLANTED-SECRET-4711";

describe("squall import session", () => {
  it("makes a profile and a request mix of a HAR with streams of OpenAI's and answers of Anthropic's", async () => {
    const { code, out } = await runCommandLine("import", "session", inFolder("session.har"), "--json");
    const { profile, requests, models, leftOut } = JSON.parse(out) as Record<string, unknown>;
    expect(code).toBe(0);
    expect(models).toEqual([
      { model: "gpt-4o", calls: 120 },
      { model: "claude-haiku", calls: 10 },
    ]);
    expect(profile).toMatchObject({ status: "fitted", event: { tokens: 10 } });
    expect(requests).toEqual([{ model: "gpt-4o", input: 1_000, output: 50, stream: true, cached: "20.0%" }]);
    expect(leftOut).toEqual([{ reason: "failed", calls: 1 }]);
  });

  it("reads JSON lines with usage as providers write it, and the scatter of events", async () => {
    const { out } = await runCommandLine("import", "session", inFolder("session.jsonl"), "--json");
    const { profile } = JSON.parse(out) as { readonly profile: unknown };
    expect(profile).toMatchObject({ event: { tokens: 10, "gap-sigma": 0.5 } });
  });

  it.each(["session.har", "session.jsonl"])(
    "keeps nothing secret of %s: no header, key, cookie, address or text",
    async (file) => {
      const printed = [
        await runCommandLine("import", "session", inFolder(file), "--out", inFolder("out/profile.yaml")),
        await runCommandLine("import", "session", inFolder(file), "--out", inFolder("out/profile.json"), "--json"),
      ];
      const written = await Promise.all(
        (await readdir(inFolder("out"))).map((name) => readFile(inFolder(`out/${name}`), "utf8")),
      );
      expect(await readFile(inFolder(file), "utf8")).toContain(secret);
      expect(written).toHaveLength(2);
      for (const text of [...printed.flatMap(({ out, err }) => [out, err]), ...written])
        expect(text).not.toContain(secret);
      expect(printed.map(({ code }) => code)).toEqual([0, 0]);
    },
  );
});

function har(): object {
  const random = randomStream(5);
  const entry = (model: string, text: string, status = 200): object => ({
    startedDateTime: "2026-11-02T10:00:00Z",
    request: {
      method: "POST",
      url: `https://${secret}.example/v1/chat/completions?key=${secret}`,
      headers: [{ name: "authorization", value: `Bearer ${secret}` }],
      cookies: [{ name: "session", value: secret }],
      postData: { text: JSON.stringify({ model, messages: [{ role: "user", content: secret }], user: secret }) },
    },
    response: { status, headers: [{ name: "x-request-id", value: secret }], content: { text } },
    timings: { blocked: 900, dns: 10, connect: 50, send: 1, wait: 400 + 100 * random.uniform(), receive: 1_000 },
  });
  const streamed = [
    ...Array.from({ length: 5 }, () => `data: {"choices":[{"delta":{"content":"${secret}"}}]}`),
    'data: {"choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":200}}}',
    "data: [DONE]",
  ].join("\n\n");
  const whole = JSON.stringify({
    model: "claude-haiku",
    content: [{ text: secret }],
    usage: { input_tokens: 800, cache_read_input_tokens: 200, output_tokens: 50 },
  });
  const entries = [
    ...Array.from({ length: 120 }, () => entry("gpt-4o", streamed)),
    ...Array.from({ length: 10 }, () => entry("claude-haiku", whole)),
    entry("gpt-4o", `{"error":{"message":"${secret}"}}`, 429),
  ];
  return { log: { version: "1.2", creator: { name: secret }, entries } };
}

/** Gaps of 5 and 15 ms in turn: their deviation is half their mean. */
function lines(): string {
  const call = {
    model: "gpt-4o",
    api_key: secret,
    prompt: secret,
    response: secret,
    ttft_ms: 400,
    total_ms: 1_400,
    usage: { prompt_tokens: 900, completion_tokens: 50 },
    event_ms: [400, 405, 420, 425, 440],
  };
  return Array.from({ length: 130 }, (_, index) => JSON.stringify({ ...call, ttft_ms: 400 + index })).join("\n");
}
