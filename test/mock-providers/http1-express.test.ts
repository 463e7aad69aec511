import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { expressLane } from "../../mock-providers/http1-express.ts";
import { chatBody, mockUnderTest, roomyKey, testConfig } from "./mock-under-test.ts";

interface RawConnection {
  readonly socket: Socket;
  readonly send: (text: string) => void;
  /** All that has come, once it has this text this often and ends like an answer. */
  readonly until: (piece: string, times?: number) => Promise<string>;
  /** All that has come, once the server has closed. */
  readonly untilClosed: () => Promise<string>;
}

/** A JSON body, one of the control API, and the last chunk of a stream. */
const answerEnds = ["}", "}\n", "\n\r\n0\r\n\r\n"];

const answered = '"object":"chat.completion"';

async function rawConnection(url: string): Promise<RawConnection> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  onTestFinished(() => {
    socket.destroy();
  });
  socket.on("error", () => undefined);
  socket.setNoDelay(true);
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString();
  });
  await once(socket, "connect");
  return {
    socket,
    send: (bytes) => socket.write(bytes),
    until: async (piece, times = 1) => {
      while (text.split(piece).length <= times || !answerEnds.some((end) => text.endsWith(end)))
        await once(socket, "data");
      return text;
    },
    untilClosed: async () => {
      if (!socket.closed) await once(socket, "close");
      return text;
    },
  };
}

function post(body: object | string, headers: readonly string[] = [], path = "/openai/v1/chat/completions"): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const lines = [
    `POST ${path} HTTP/1.1`,
    "host: 127.0.0.1",
    `authorization: Bearer ${roomyKey}`,
    `content-length: ${Buffer.byteLength(text)}`,
    ...headers,
  ];
  return `${lines.join("\r\n")}\r\n\r\n${text}`;
}

const marked = (key: string, more: object = {}): object => chatBody(`[sq l ${key} in=5 cached=0 out=3] x`, more);

/** What of an answer does not depend on when it was given and which one it was. */
function lasting(answer: string): string {
  return answer
    .replace(/x-request-id: \w+/, "x-request-id: R")
    .replaceAll(/chatcmpl-\w+/g, "chatcmpl-I")
    .replaceAll(/"created":\d+/g, '"created":0')
    .replace(/openai-processing-ms: \d+/, "openai-processing-ms: 0")
    .replace(/x-ratelimit-remaining-(requests|tokens): \d+/g, "x-ratelimit-remaining-$1: N")
    .replace(/\r\ndate: [^\r]*/i, "")
    .toLowerCase();
}

/** Head as a set of lines, and body: node:http orders headers in its own way. */
function parts(answer: string): { readonly head: readonly string[]; readonly body: string } {
  const [head = "", ...body] = lasting(answer).split("\r\n\r\n");
  return { head: head.split("\r\n").toSorted(), body: body.join("\r\n\r\n") };
}

describe("the express lane", () => {
  it.each([
    { why: "an answer", body: marked("a") },
    { why: "a stream", body: marked("b", { stream: true, stream_options: { include_usage: true } }) },
    { why: "a refusal of the body", body: "{" },
    { why: "a refusal of the model", body: { ...marked("c"), model: "nobody" } },
    { why: "text beyond ASCII", body: { ...chatBody("é"), model: "é" } },
  ])("answers byte for byte as node:http does: $why", async ({ body }) => {
    const { url } = await mockUnderTest();
    const request = post(body);
    const whole = await rawConnection(url);
    whole.send(request);
    const express = await whole.until("\r\n\r\n");
    const halves = await rawConnection(url);
    halves.send(request.slice(0, 20));
    await new Promise((resolve) => setTimeout(resolve, 20)); // so that the kernel does not put the parts together
    halves.send(request.slice(20));
    const slow = await halves.until("\r\n\r\n");
    expect(parts(express)).toEqual(parts(slow));
  });

  it("keeps a connection for as many requests as come, simple or not, in whatever order", async () => {
    const { url } = await mockUnderTest();
    const { send, until } = await rawConnection(url);
    for (let index = 0; index < 20; index++) {
      send(post(marked(`k${index}`)));
      await until(answered, index + 1);
    }
    send("GET /_squall/health HTTP/1.1\r\nhost: h\r\n\r\n");
    await until('"status":"ok"');
    send(post(marked("last")));
    await until(answered, 21);
  });

  it("answers requests that come before their turn, in order", async () => {
    const { url, journal } = await mockUnderTest(testConfig({ latencyScale: 0.5 }));
    const { send, until } = await rawConnection(url);
    send(post(marked("first")));
    await expect
      .poll(async () => (await (await fetch(`${url}/_squall/health`)).json()) as object)
      .toMatchObject({ inFlight: 1 });
    send(post(marked("second")) + post(marked("third")));
    await until(answered, 3);
    expect((await journal()).map((entry) => entry.key)).toEqual(["first", "second", "third"]);
  });

  it("answers requests that name the server, as they come through proxies", async () => {
    const { url } = await mockUnderTest();
    const call = await rawConnection(url);
    call.send(post(marked("a"), ["connection: close"], `${url}/openai/v1/chat/completions?x=1`));
    expect(await call.untilClosed()).toMatch(/^HTTP\/1.1 200 OK/);
    const page = await rawConnection(url);
    page.send(`GET ${url} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n`);
    expect(await page.untilClosed()).toContain("content-type: text/html");
  });

  it("closes when the client asks for it", async () => {
    const { url } = await mockUnderTest();
    const { send, untilClosed } = await rawConnection(url);
    send(post(marked("a"), ["connection: close"]));
    expect(await untilClosed()).toMatch(/"chat\.completion"[^]*\}$/);
  });

  it("answers a client that closes its side right behind its request", async () => {
    const lane = expressLane({
      onRequest: (_request, response) => response.writeHead(200, ["content-length", "6"]).end("answer", "latin1"),
      handOver: (socket) => socket.destroy(),
      keepAliveMs: 75_000,
    });
    const server = createServer((socket) => {
      lane.serve(socket);
      socket.emit("data", Buffer.from(post("{}"))); // both in one turn, which sockets do when they like
      socket.emit("end");
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { untilClosed } = await rawConnection(`http://127.0.0.1:${port}`);
    expect(await untilClosed()).toMatch(/answer$/);
  });

  it("notices a client that leaves while it waits", async () => {
    const { url, journal } = await mockUnderTest(testConfig({ latencyScale: 100 }));
    const { send, socket } = await rawConnection(url);
    send(post(marked("gone")));
    await expect
      .poll(async () => (await (await fetch(`${url}/_squall/health`)).json()) as object)
      .toMatchObject({ inFlight: 1 });
    socket.end();
    await expect.poll(() => journal()).toMatchObject([{ key: "gone", outcome: "aborted" }]);
  });

  it("closes what is idle at once and what is busy after its answer when the server closes", async () => {
    const { server, url } = await mockUnderTest(testConfig({ latencyScale: 0.2 }));
    const idle = await rawConnection(url);
    idle.send(post("{"));
    await idle.until("\r\n\r\n");
    const busy = await rawConnection(url);
    busy.send(post(marked("busy")));
    await expect
      .poll(async () => (await (await fetch(`${url}/_squall/health`)).json()) as object)
      .toMatchObject({ inFlight: 1 });
    const closed = server.close(10_000);
    await idle.untilClosed();
    expect(await busy.untilClosed()).toMatch(/"chat\.completion"[^]*\}$/);
    await closed;
  });

  it("does not pile up listeners on a connection", async () => {
    const { url } = await mockUnderTest();
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    onTestFinished(() => void process.off("warning", onWarning));
    const { send, until } = await rawConnection(url);
    for (let index = 0; index < 30; index++) {
      send(post(marked(`s${index}`, { stream: true })));
      await until("[DONE]", index + 1);
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  });
});
