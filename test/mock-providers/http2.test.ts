import { type ClientHttp2Session, connect, constants } from "node:http2";
import { connect as connectSocket, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { chatBody, mockUnderTest, type MockUnderTest, roomyKey, testConfig } from "./mock-under-test.ts";

interface Answer {
  readonly status: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

function session({ url }: MockUnderTest): ClientHttp2Session {
  const opened = connect(url);
  opened.on("error", () => undefined);
  onTestFinished(() => opened.destroy());
  return opened;
}

function ask(over: ClientHttp2Session, method: string, path: string, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = over.request({ ":method": method, ":path": path, authorization: `Bearer ${roomyKey}` });
    let headers: Answer["headers"] = {};
    let text = "";
    stream.setEncoding("utf8");
    stream.on("response", (seen) => (headers = seen));
    stream.on("data", (part: string) => (text += part));
    stream.on("end", () => resolve({ status: headers[":status"], headers, text }));
    stream.on("error", reject);
    stream.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const chatPath = "/openai/v1/chat/completions";

/** What comes back on a plain connection until it closes. */
async function heard(socket: Socket): Promise<string> {
  let text = "";
  for await (const part of socket) text += String(part);
  return text;
}

function plainSocket({ url }: MockUnderTest): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connectSocket(Number(new URL(url).port), "127.0.0.1", () => resolve(socket));
    onTestFinished(() => void socket.destroy());
  });
}

describe("HTTP/2 beside HTTP/1.1", () => {
  it("answers many requests at once on one connection", async () => {
    const over = session(await mockUnderTest());
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        ask(over, "POST", chatPath, chatBody(`[sq l k${index} in=9 cached=0 out=4] Hi`)),
      ),
    );
    for (const { status, text } of answers) {
      expect(status).toBe(200);
      expect(JSON.parse(text)).toMatchObject({ usage: { prompt_tokens: 9, completion_tokens: 4 } });
    }
  });

  it("takes a body larger than the window and streams its answer", async () => {
    const over = session(await mockUnderTest());
    const body = chatBody(`[sq l long in=9 cached=0 out=40] ${"word ".repeat(200_000)}`, { stream: true });
    const { text, headers } = await ask(over, "POST", chatPath, body);
    expect(headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("serves the control API", async () => {
    const over = session(await mockUnderTest());
    expect(await ask(over, "GET", "/_squall/health")).toMatchObject({ status: 200 });
    expect((await ask(over, "OPTIONS", "/_squall/health")).headers["allow"]).toBe("GET");
    expect((await ask(over, "GET", "/_squall/journal?after=0")).headers["x-squall-last-seq"]).toBe("0");
  });

  it("ends a call whose stream is reset before its body has come, without an entry", async () => {
    const mock = await mockUnderTest();
    const over = session(mock);
    const headers = { authorization: `Bearer ${roomyKey}`, "content-length": "100" };
    const stream = over.request({ ":method": "POST", ":path": chatPath, ...headers });
    stream.on("error", () => undefined);
    stream.write(JSON.stringify(chatBody("Hi")).slice(0, 20));
    await ask(over, "GET", "/_squall/health");
    stream.close(constants.NGHTTP2_CANCEL);
    await new Promise((resolve) => stream.once("close", resolve));
    await ask(over, "GET", "/_squall/health");
    expect(await mock.journal()).toEqual([]);
  });

  it("closes at once when its clients are idle", async () => {
    const mock = await mockUnderTest();
    const over = session(mock);
    await ask(over, "GET", "/_squall/health");
    const closed = new Promise((resolve) => over.once("close", resolve));
    await mock.server.close(60_000);
    await closed;
  });

  it("cuts streams that are not done when the deadline has passed", async () => {
    const mock = await mockUnderTest(testConfig({ latencyScale: 1_000 }));
    const over = session(mock);
    const cut = ask(over, "POST", chatPath, chatBody("[sq l cut in=5 cached=0 out=3] Hi"));
    await expect.poll(async () => (await ask(over, "GET", "/_squall/health")).text).toContain(`"inFlight":1`);
    await mock.server.close(10);
    expect(await cut).toMatchObject({ status: undefined, text: "" });
  });
});

describe("telling the two apart", () => {
  it("waits for the rest of a preface that comes byte by byte", async () => {
    const socket = await plainSocket(await mockUnderTest());
    socket.setNoDelay(true);
    for (const byte of "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") await new Promise((sent) => socket.write(byte, sent));
    // An empty SETTINGS frame: the server answers with its own.
    socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
    const first = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
    expect(first[3]).toBe(4);
  });

  it("takes a method that begins like the preface for HTTP/1.1", async () => {
    const socket = await plainSocket(await mockUnderTest());
    for (const part of ["P", "R", "OPFIND /openai/v1/models HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"]) {
      await new Promise((sent) => socket.write(part, sent));
    }
    expect(await heard(socket)).toMatch(/^HTTP\/1\.1 405 /);
  });

  it("does not wait for a connection that never says anything when it closes", async () => {
    const mock = await mockUnderTest();
    const socket = await plainSocket(mock);
    const closed = heard(socket);
    await mock.server.close(60_000);
    expect(await closed).toBe("");
  });
});
