import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { exitCodes, SquallError } from "../../core/errors.ts";
import { startMock } from "../../mock-providers/server.ts";
import { chatBody, mockUnderTest, roomyKey, testConfig, testProvider, tightKey } from "./mock-under-test.ts";

describe("startMock", () => {
  it("says where it listens and what an SDK needs", async () => {
    const { server, url } = await mockUnderTest();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(server.ready).toEqual({
      event: "ready",
      url,
      providers: {
        openai: {
          baseUrl: `${url}/openai/v1`,
          apiKey: roomyKey,
          tightApiKey: tightKey,
          model: "gpt-4o-mini",
          embeddingModel: "text-embedding-3-small",
        },
      },
    });
  });

  it("serves several providers of one dialect, each under its own name with its own keys", async () => {
    const providers = ["east", "west"].map((name) =>
      testProvider({ name, keys: [{ apiKey: `sk-${name}`, organization: `org-${name}`, state: "active" }] }),
    );
    const { url } = await mockUnderTest(testConfig({ providers }));
    const models = (name: string, key: string): Promise<Response> =>
      fetch(`${url}/${name}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect((await models("east", "sk-east")).headers.get("openai-organization")).toBe("org-east");
    expect((await models("west", "sk-west")).status).toBe(200);
    expect((await models("west", "sk-east")).status).toBe(401);
  });

  it("refuses a taken port with what to do", async () => {
    const { url } = await mockUnderTest();
    const port = Number(new URL(url).port);
    const failed = await startMock({ config: testConfig(), host: "127.0.0.1", port }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(SquallError);
    expect(failed).toMatchObject({ code: "port-taken", exitCode: exitCodes.environment });
    expect((failed as SquallError).message).toContain(`port ${port} on 127.0.0.1 is taken`);
    expect((failed as SquallError).hint).toContain("or 0 for a free one");
  });

  it("refuses an address that is not this machine's", async () => {
    const started = startMock({ config: testConfig(), host: "192.0.2.1", port: 0 });
    await expect(started).rejects.toMatchObject({ code: "address-unavailable", exitCode: exitCodes.environment });
  });

  it("tells whoever lost the way where things are", async () => {
    const { url } = await mockUnderTest();
    const lost = await fetch(`${url}/v1/chat/completions`, { method: "POST", body: "{}" });
    expect(lost.status).toBe(404);
    expect(await lost.json()).toEqual({
      message: "Nothing is here. Providers are under /openai/v1, control under /_squall/health.",
    });
  });

  it("answers 413 to a body above its bound, while the client is still sending", async () => {
    const { url } = await mockUnderTest();
    const sending = request(`${url}/openai/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${roomyKey}`, "transfer-encoding": "chunked" },
    });
    sending.on("error", () => undefined); // the server hangs up on what it does not want
    const megabyte = Buffer.alloc(1024 * 1024, 0x20);
    const answered = once(sending, "response");
    const send = (left: number): void => {
      if (left > 0) sending.write(megabyte, () => send(left - 1));
    };
    send(40);
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    sending.destroy();
  });

  it("answers 431 to a header bomb and 400 to what is not HTTP, and goes on", async () => {
    const { url, control } = await mockUnderTest();
    const port = Number(new URL(url).port);
    const first = async (text: string): Promise<string> => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.write(text);
      const [answer] = await once(socket, "data");
      socket.destroy();
      return String(answer).split("\r\n")[0] ?? "";
    };
    expect(await first(`GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(100_000)}\r\n\r\n`)).toBe(
      "HTTP/1.1 431 Request Header Fields Too Large",
    );
    expect(await first("\x16\x03\x01 this is not HTTP\r\n\r\n")).toBe("HTTP/1.1 400 Bad Request");
    expect((await control("GET", "health")).status).toBe(200);
  });
});

describe("closing", () => {
  it("lets an open stream end, and takes no new requests meanwhile", async () => {
    const { server, chat, url } = await mockUnderTest(testConfig({ latencyScale: 0.2 }));
    const response = await chat(chatBody("[sq l a in=5 cached=0 out=30] x", { stream: true }));
    const closing = server.close(10_000);
    const refused = await chat(chatBody("x"));
    expect({ status: refused.status, connection: refused.headers.get("connection") }).toEqual({
      status: 503,
      connection: "close",
    });
    const ready = await fetch(`${url}/_squall/ready`);
    expect({ status: ready.status, body: await ready.json() }).toEqual({ status: 503, body: { status: "draining" } });
    expect(await (await fetch(`${url}/_squall/health`)).json()).toMatchObject({ status: "draining", inFlight: 1 });
    const text = await response.text();
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(await closing).toEqual({ journalEntries: 1, callsCut: 0 });
    await expect(fetch(`${url}/_squall/health`)).rejects.toThrow();
  });

  it("waits no longer once it is hurried", async () => {
    const { server, chat } = await mockUnderTest(testConfig({ latencyScale: 500 }));
    const cut = expect(chat(chatBody("[sq l a in=5 cached=0 out=30] x"))).rejects.toThrow();
    await expect.poll(async () => (await fetch(`${server.url}/_squall/health`)).json()).toMatchObject({ inFlight: 1 });
    const closing = server.close(600_000);
    server.hurry();
    expect(await closing).toMatchObject({ callsCut: 1 });
    await cut;
  });

  it("cuts what does not end in time", async () => {
    const { server, chat } = await mockUnderTest(testConfig({ latencyScale: 500 }));
    const left = chat(chatBody("[sq l a in=5 cached=0 out=30] x"));
    const cut = expect(left).rejects.toThrow();
    await expect.poll(async () => (await fetch(`${server.url}/_squall/health`)).json()).toMatchObject({ inFlight: 1 });
    expect(await server.close(50)).toEqual({ journalEntries: 0, callsCut: 1 });
    await cut;
  });
});
