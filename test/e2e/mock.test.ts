/** `squall mock` as a process: its first line, its keys, its port, and how it ends. */
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  expectNothingLeft,
  families,
  freshFolder,
  launcher,
  type Running,
  squall,
  startSquall,
} from "./squall-process.ts";

interface Ready {
  readonly event: string;
  readonly url: string;
  readonly providers: { readonly openai: Readonly<Record<string, string>> };
}

/** A mock on a free port, and what its first line says. */
async function startMock(...args: readonly string[]): Promise<{ readonly mock: Running; readonly ready: Ready }> {
  const mock = startSquall(["mock", "--port", "0", ...args]);
  const [line] = await mock.says("stdout", /^.*\n/);
  return { mock, ready: JSON.parse(line) };
}

function chat({ providers }: Ready, apiKey: string | undefined, body: object = {}): Promise<Response> {
  return fetch(`${providers.openai["baseUrl"]}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hi" }], ...body }),
  });
}

describe("squall mock", () => {
  it("says on its first line, in JSON, where it listens, with which keys and models", async () => {
    const { ready } = await startMock();
    expect(ready.event).toBe("ready");
    expect(ready.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(ready.providers.openai).toEqual({
      baseUrl: `${ready.url}/openai/v1`,
      apiKey: expect.stringMatching(/^sk-/),
      tightApiKey: expect.stringMatching(/^sk-/),
      model: "gpt-4o-mini",
      embeddingModel: "text-embedding-3-small",
    });
  });

  it("answers its key at once with --latency-scale 0, and refuses any other with 401 as OpenAI does", async () => {
    const { ready } = await startMock("--latency-scale", "0");
    const answered = await chat(ready, ready.providers.openai["apiKey"]);
    expect(answered.status).toBe(200);
    expect(await answered.json()).toMatchObject({
      object: "chat.completion",
      model: expect.stringContaining("gpt-4o-mini"),
    });
    const refused = await chat(ready, "sk-somebody-elses");
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: { code: "invalid_api_key" } });
  });

  it("shows a 429 with a time to retry at the fourth call of the tight key", async () => {
    const { ready } = await startMock("--latency-scale", "0");
    const calls = [0, 1, 2, 3].map(() => chat(ready, ready.providers.openai["tightApiKey"]));
    const answers = await Promise.all(calls);
    expect(answers.map((answer) => String(answer.status)).toSorted()).toEqual(["200", "200", "200", "429"]);
    const refused = answers.find((answer) => answer.status === 429);
    expect(Number(refused?.headers.get("retry-after-ms"))).toBeGreaterThan(0);
    expect(refused?.headers.get("x-ratelimit-remaining-requests")).toBe("0");
  });

  it("gives the same answers for the same seed", async () => {
    const texts: (string | undefined)[] = [];
    for (const seed of ["7", "7", "8"]) {
      const { ready } = await startMock("--latency-scale", "0", "--seed", seed);
      const answer = await chat(ready, ready.providers.openai["apiKey"]);
      const { choices }: { readonly choices: readonly { readonly message: { readonly content: string } }[] } =
        JSON.parse(await answer.text());
      texts.push(choices[0]?.message.content);
    }
    expect(texts[0]).toMatch(/\w/);
    expect(texts[1]).toBe(texts[0]);
    expect(texts[2]).not.toBe(texts[0]);
  });

  it("ends with 5 and a way out when its port is taken", async () => {
    const server = createServer();
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const { code, stdout, stderr } = await squall(["mock", "--port", String(port)]);
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(stderr).toBe(
      `squall: port ${port} on 127.0.0.1 is taken\nhint: choose another port, or 0 for a free one; or stop what is listening there\n`,
    );
  });

  it.each([
    { signal: "SIGTERM", code: 0, why: "a supervisor gets what it asked for" },
    { signal: "SIGINT", code: 130, why: "Ctrl-C" },
  ] as const)("ends with $code on $signal: $why", async ({ signal, code }) => {
    const { mock } = await startMock();
    mock.kill(signal);
    expect(await mock.ended).toMatchObject({ code, signal: null });
  });

  it("ends in bounded time though a client holds a stream open", async () => {
    const { mock, ready } = await startMock("--latency-scale", "1000", "--drain-timeout", "1s");
    void chat(ready, ready.providers.openai["apiKey"], { stream: true }).catch(() => undefined);
    await expect.poll(() => inFlight(ready)).toBe(1);
    mock.kill("SIGTERM");
    expect(await mock.ended).toMatchObject({ code: 0 });
  });

  it("takes a changed configuration file by itself, says so, and keeps what did not change", async () => {
    const file = path.join(freshFolder(), "mock.yaml");
    const config = (rpm: number): string => `providers:
  fixed: { dialect: openai, latency: instant, models: { gpt-4o-mini: { rpm: 2 } } }
  moved: { dialect: openai, latency: instant, models: { gpt-4o-mini: { rpm: ${rpm} } } }
`;
    writeFileSync(file, config(2));
    const { mock, ready } = await startMock("--config", file);
    const call = (provider: string): Promise<Response> =>
      fetch(`${ready.url}/${provider}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer sk-squall-${provider}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hi" }] }),
      });
    for (const provider of ["fixed", "fixed", "moved", "moved"]) expect((await call(provider)).status).toBe(200);
    writeFileSync(file, "providers: nonsense\n");
    expect((await mock.says("stderr", /old configuration stays in force/)).input).toContain(
      "is no usable configuration",
    );
    expect((await call("moved")).status).toBe(429);
    writeFileSync(file, config(20));
    const [line] = await mock.says("stdout", /\{"event":"reloaded".*\n/);
    expect(JSON.parse(line)).toEqual({
      event: "reloaded",
      kept: ["fixed"],
      changed: ["moved"],
      added: [],
      removed: [],
    });
    expect([(await call("fixed")).status, (await call("moved")).status]).toEqual([429, 200]);
  });

  it("takes the configuration file anew on SIGHUP, and says what it cannot use", async () => {
    const file = path.join(freshFolder(), "mock.yaml");
    writeFileSync(file, "providers: { a: { dialect: openai, latency: instant, models: { m: { rpm: 2 } } } }\n");
    const { mock } = await startMock("--config", file);
    mock.kill("SIGHUP");
    await mock.says("stdout", /\{"event":"reloaded","kept":\["a"\]/);
    rmSync(file);
    mock.kill("SIGHUP");
    await mock.says("stderr", /cannot read .*there is no such file[^]*old configuration stays in force/);
    mock.kill("SIGTERM");
    expect(await mock.ended).toMatchObject({ code: 0 });
  });

  it("lets a stream end after SIGTERM, says on its last line what the journal holds, and exits with 0", async () => {
    const { mock, ready } = await startMock("--latency-scale", "0.5");
    const stream = await chat(ready, ready.providers.openai["apiKey"], { stream: true });
    mock.kill("SIGTERM");
    expect((await stream.text()).endsWith("data: [DONE]\n\n")).toBe(true);
    const { code, stdout } = await mock.ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toEqual({
      event: "ended",
      journalEntries: 1,
      callsCut: 0,
    });
  });

  it.skipIf(!families.visible)("that was started through an older Node goes when its launcher is killed", async () => {
    const launched = startSquall(["mock", "--port", "0"], { program: launcher });
    await launched.says("stdout", /"event":"ready"/);
    expect(launched.family()).toHaveLength(2);
    launched.kill("SIGKILL");
    await expectNothingLeft(launched);
  });
});

async function inFlight({ url }: Ready): Promise<number> {
  const answer = await fetch(`${url}/_squall/health`);
  const { inFlight: count }: { readonly inFlight: number } = JSON.parse(await answer.text());
  return count;
}
