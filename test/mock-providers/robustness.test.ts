/** What clients that are broken, hostile or many can do to the mock: nothing but get a clear status or lose their connection. */
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect as connectHttp2, type ClientHttp2Session, constants } from "node:http2";
import { connect, type Socket } from "node:net";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { defaultMockConfig } from "../../mock-providers/config.ts";
import { type ConnectionBounds, type MockServer, startMock } from "../../mock-providers/server.ts";
import { mockUnderTest } from "./mock-under-test.ts";
import { headersFor, validCalls } from "./valid-calls.ts";

const seed = 20_261_121;

async function wholeMock(bounds: Partial<ConnectionBounds> = {}): Promise<MockServer> {
  const config = { ...defaultMockConfig(), latencyScale: 0 };
  const server = await startMock({ config, host: "127.0.0.1", port: 0, bounds });
  onTestFinished(async () => void (await server.close(0)));
  return server;
}

function post(
  server: MockServer,
  { provider, path }: (typeof validCalls)[number],
  body: string | Uint8Array<ArrayBuffer>,
): Promise<Response> {
  return fetch(`${server.url}/${provider}${path}`, { method: "POST", headers: headersFor(provider), body });
}

/** A value somewhere in a document: replaced, removed or repeated. */
interface Mutation {
  readonly at: number;
  readonly how: "replace" | "remove" | "repeat";
  readonly by: unknown;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(30),
  how: fc.constantFrom("replace", "remove", "repeat"),
  by: fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(-1, 1e308, "", "\u0000", [], {}, null, { role: "tool" }, "a".repeat(5_000)),
  ),
});

/** Counts down the document's places until it has reached the one to change. */
function mutated(value: unknown, { at, how, by }: Mutation): unknown {
  let left = at;
  const walk = (node: unknown): unknown => {
    if (left-- === 0 && how === "replace") return by;
    if (Array.isArray(node)) {
      const children = node.map(walk);
      return how === "repeat" && at % 2 === 0 ? [...children, ...children] : children;
    }
    if (typeof node !== "object" || node === null) return node;
    const fields = Object.entries(node).map(([name, child]) => [name, walk(child)] as const);
    return Object.fromEntries(
      how === "remove" ? fields.filter((_field, index) => index !== at % fields.length) : fields,
    );
  };
  return walk(value);
}

describe("broken bodies", () => {
  it.each(validCalls)("get a status below 500 and an answer in JSON at $provider $path", async (call) => {
    const server = await wholeMock();
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
        const body = mutations.reduce<unknown>((document, one) => mutated(document, one), call.body);
        const answer = await post(server, call, JSON.stringify(body) ?? "");
        expect(answer.status).toBeLessThan(500);
        expect(JSON.parse(await answer.text())).toBeTypeOf("object");
      }),
      { seed, numRuns: 120 },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const answer = await post(server, call, new Uint8Array(bytes));
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
        await answer.text();
      }),
      { seed, numRuns: 40 },
    );
    expect((await fetch(`${server.url}/_squall/health`)).status).toBe(200);
  });

  it.each(validCalls)("that are too large are refused in the provider's own shape at $provider $path", async (call) => {
    const server = await wholeMock();
    const answer = await post(server, call, new Uint8Array(33 * 1024 * 1024).fill(0x20));
    // Google says INVALID_ARGUMENT.
    expect(answer.status).toBe(call.provider === "gemini" || call.provider === "vertex" ? 400 : 413);
    const { error, message } = JSON.parse(await answer.text());
    expect(error?.message ?? message).toMatch(/large|big|exceed|size|length|limit/i);
  });
});

describe("slow clients", () => {
  it("lose a connection on which headers do not come in time, and are told 408 where they began some", async () => {
    const server = await wholeMock({ headersMsMax: 200 });
    const silent = socketTo(server);
    expect(await endOf(silent, "")).toBe("");
    expect(await endOf(socketTo(server), "POST /openai/v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-slow: ")).toMatch(
      /^HTTP\/1.1 408 /,
    );
  });

  it("lose a connection on which a body does not come in time, however steadily it drips, over HTTP/1.1 and HTTP/2", async () => {
    const server = await wholeMock({ headersMsMax: 200, requestMsMax: 400 });
    const head = "POST /openai/v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n";
    const slow = socketTo(server);
    const drip = setInterval(() => slow.write("x"), 20);
    expect(await endOf(slow, head)).toMatch(/^(?:HTTP\/1.1 408 |$)/);
    clearInterval(drip);
    const stream = http2To(server).request(
      { ":method": "POST", ":path": "/openai/v1/chat/completions" },
      { endStream: false },
    );
    stream.on("error", () => undefined);
    const dripping = setInterval(() => stream.write("x"), 20);
    await once(stream, "close");
    clearInterval(dripping);
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
    expect((await fetch(`${server.url}/_squall/health`)).status).toBe(200);
  });
});

describe("hostile connections", () => {
  it("get no further than the bound on headers, over HTTP/2 as well", async () => {
    const server = await wholeMock();
    const session = http2To(server);
    const stream = session.request({ ":path": "/_squall/health", ...bomb });
    stream.on("error", () => undefined);
    const status = await Promise.race([
      once(stream, "response").then(
        ([headers]) => Number(headers[":status"]),
        () => 0,
      ),
      once(stream, "close").then(() => 0),
    ]);
    expect([0, 431]).toContain(status);
    expect((await fetch(`${server.url}/_squall/health`)).status).toBe(200);
  });

  it("may send any bytes, with and without HTTP/2's preface", async () => {
    const server = await wholeMock({ headersMsMax: 500 });
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.uint8Array({ minLength: 1, maxLength: 300 }), async (isHttp2, bytes) => {
        const socket = socketTo(server);
        socket.write(isHttp2 ? "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" : "");
        socket.end(Buffer.from(bytes));
        await closed(socket);
      }),
      { seed, numRuns: 60 },
    );
    expect((await fetch(`${server.url}/_squall/health`)).status).toBe(200);
  });

  it("are closed as they come above the bound on their number, and let in once others have gone", async () => {
    const server = await wholeMock({ connectionsMax: 20 });
    const held = Array.from({ length: 20 }, () => socketTo(server));
    await Promise.all(held.map((socket) => once(socket, "connect")));
    const above = Array.from({ length: 5 }, () => socketTo(server));
    expect(await Promise.all(above.map(closed))).toHaveLength(5);
    for (const socket of held.slice(0, 10)) socket.destroy();
    await expect
      .poll(() =>
        fetch(`${server.url}/_squall/health`).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
  });
});

describe("many requests on one connection", () => {
  it("that are sent without waiting for answers are answered in order", async () => {
    const { url } = await mockUnderTest();
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    const count = 100;
    const request = (index: number): string => {
      const body = JSON.stringify({ model: `no-such-model-${index}`, messages: [{ role: "user", content: "hi" }] });
      return `POST /openai/v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-squall-openai\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    };
    let answered = "";
    socket.on("data", (chunk: Buffer) => {
      answered += chunk.toString();
    });
    socket.write(Array.from({ length: count }, (_, index) => request(index)).join(""));
    const seen = (): string[] => [...answered.matchAll(/`no-such-model-(\d+)`/g)].map(([, index]) => index ?? "");
    await expect.poll(() => seen().length, { timeout: 10_000 }).toBe(count);
    expect(seen()).toEqual(Array.from({ length: count }, (_, index) => String(index)));
  });

  it("that share an HTTP/2 connection are all answered", async () => {
    const server = await wholeMock();
    const session = http2To(server);
    const statuses = Array.from({ length: 500 }, async () => {
      const stream = session.request({ ":path": "/_squall/health" });
      const [headers] = await once(stream, "response");
      stream.resume();
      return Number(headers[":status"]);
    });
    expect(new Set(await Promise.all(statuses))).toEqual(new Set([200]));
  });

  it("that announce one length and send another are refused, and the connection is not reused for what is left", async () => {
    const server = await wholeMock();
    const request = httpRequest(`${server.url}/openai/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: "Bearer sk-squall-openai", "content-length": "5" },
    });
    request.on("error", () => undefined);
    const socket = socketTo(server);
    const text =
      "POST /openai/v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-squall-openai\r\ncontent-length: 5\r\n\r\n{}{}{}garbage";
    expect(await endOf(socket, text)).toMatch(/HTTP\/1.1 400 /);
    request.destroy();
  });
});

const bomb = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`x-${index}`, "y".repeat(1_000)]));

function socketTo({ url }: MockServer): Socket {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

function http2To({ url }: MockServer): ClientHttp2Session {
  const session = connectHttp2(url);
  session.on("error", () => undefined);
  onTestFinished(() => session.destroy());
  return session;
}

/** What the server says to that until it closes. */
async function endOf(socket: Socket, text: string): Promise<string> {
  let said = "";
  socket.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  socket.write(text);
  await closed(socket);
  return said;
}

async function closed(socket: Socket): Promise<void> {
  socket.resume();
  // Not `once`: a connection that is reset under what its client still sends closes as well.
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
}
