/** What holds at every provider: the ways in which HTTP may bring a request, the keys, and what is not there. */
import { once } from "node:events";
import { connect } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { defaultMockConfig } from "../../mock-providers/config.ts";
import { type MockServer, startMock } from "../../mock-providers/server.ts";
import { headersFor, validCalls } from "./valid-calls.ts";

type ValidCall = (typeof validCalls)[number];

async function wholeMock(): Promise<MockServer> {
  const server = await startMock({ config: { ...defaultMockConfig(), latencyScale: 0 }, host: "127.0.0.1", port: 0 });
  onTestFinished(async () => void (await server.close(0)));
  return server;
}

interface Changes {
  readonly method?: string;
  readonly path?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | null;
}

async function ask(
  server: MockServer,
  call: ValidCall,
  { method = "POST", path = call.path, key, headers = {}, body = JSON.stringify(call.body) }: Changes,
): Promise<Response> {
  return await fetch(`${server.url}/${call.provider}${path}`, {
    method,
    headers: { ...headersFor(call.provider, key), ...headers },
    ...(method === "GET" || method === "HEAD" ? {} : { body }),
  });
}

/** The names that an error has at its provider: of the status, the kind, or both. */
async function errorOf(answer: Response): Promise<unknown> {
  const { error, type, message }: Record<string, unknown> = JSON.parse(await answer.text());
  return { status: answer.status, error, type, message, name: answer.headers.get("x-amzn-errortype")?.split(":")[0] };
}

describe.each(validCalls)("$provider $path", (call) => {
  const { provider } = call;

  it("takes a body in chunks, and one over HTTP/1.0, whose connection it closes", async () => {
    const server = await wholeMock();
    const json = JSON.stringify(call.body);
    const chunks = [json.slice(0, 9), json.slice(9)]
      .map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
      .join("");
    const close = "connection: close\r\n";
    const chunked = await rawAnswer(
      server,
      call,
      "1.1",
      `${close}transfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
    );
    expect(chunked).toMatch(/^HTTP\/1\.1 200 /);
    const old = await rawAnswer(server, call, "1.0", `content-length: ${json.length}\r\n\r\n${json}`);
    expect(old).toMatch(/^HTTP\/1\.1 200 /);
    expect(old).toMatch(/\r\nconnection: close\r\n/i);
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
    ["zstd", zstdCompressSync],
  ] as const)("takes a body compressed with %s, and refuses one that only says so", async (encoding, compress) => {
    const server = await wholeMock();
    const headers = { "content-encoding": encoding };
    const body = new Uint8Array(compress(JSON.stringify(call.body)));
    const answer = await ask(server, call, { headers, body });
    expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
    const garbage = await ask(server, call, { headers, body: new Uint8Array([1, 2, 3]) });
    expect(garbage.status).toBe(400);
  });

  it("refuses a body that is too large once it is decompressed", async () => {
    const server = await wholeMock();
    const bomb = await ask(server, call, { headers: { "content-encoding": "gzip" }, body: gzipBomb });
    // Google says INVALID_ARGUMENT.
    expect(bomb.status).toBe(provider === "gemini" || provider === "vertex" ? 400 : 413);
  });

  it("knows its own keys and no others, each error in the provider's shape", async () => {
    const server = await wholeMock();
    const expected: Readonly<Record<string, object>> = {
      openai: { status: 401, error: { code: "invalid_api_key" } },
      "azure-openai": { status: 401, error: { code: "401" } },
      anthropic: { status: 401, error: { type: "authentication_error" }, type: "error" },
      bedrock: { status: 403, name: "AccessDeniedException" },
      gemini: { status: 400, error: { status: "INVALID_ARGUMENT", details: [{ reason: "API_KEY_INVALID" }, {}] } },
      vertex: { status: 401, error: { status: "UNAUTHENTICATED" } },
    };
    expect(await errorOf(await ask(server, call, { key: "sk-nobody" }))).toMatchObject(expected[provider] ?? {});
  });

  it("lets the tight key in three times in five seconds, and says 429 in the provider's shape", async () => {
    const server = await wholeMock();
    const key = server.ready.providers[provider]?.tightApiKey ?? "";
    const answers: Response[] = [];
    for (let index = 0; index < 4; index++) answers.push(await ask(server, call, { key }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    const expected: Readonly<Record<string, object>> = {
      openai: { error: { type: "requests", code: "rate_limit_exceeded" } },
      "azure-openai": { error: { code: "429" } },
      anthropic: { error: { type: "rate_limit_error" }, type: "error" },
      bedrock: { name: "ThrottlingException" },
      gemini: { error: { status: "RESOURCE_EXHAUSTED" } },
      vertex: { error: { status: "RESOURCE_EXHAUSTED" } },
    };
    const [last] = answers.slice(-1);
    if (last === undefined) expect.fail("there were four");
    expect(await errorOf(last)).toMatchObject(expected[provider] ?? {});
  });

  it("answers methods and paths that are not there in the provider's shape", async () => {
    const server = await wholeMock();
    const notThere: Readonly<Record<string, object>> = {
      openai: { status: 404, error: { type: "invalid_request_error" } },
      "azure-openai": { status: 404, error: { code: "404" } },
      anthropic: { status: 404, error: { type: "not_found_error" } },
      bedrock: { status: 404, name: "UnknownOperationException" },
      gemini: { status: 404, error: { status: "NOT_FOUND" } },
      vertex: { status: 404, error: { status: "NOT_FOUND" } },
    };
    const unknown = await errorOf(await ask(server, call, { path: "/v1/there/is/no/such/thing" }));
    expect(unknown).toMatchObject(notThere[provider] ?? {});
    const knowsMethods = provider === "openai" || provider === "anthropic";
    for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
      const answer = await ask(server, call, { method });
      expect([method, answer.status]).toEqual([method, knowsMethods ? 405 : 404]);
      expect(await errorOf(answer)).toMatchObject(
        provider === "bedrock" ? { message: expect.any(String) } : { error: {} },
      );
    }
    const head = await ask(server, call, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([knowsMethods ? 405 : 404, ""]);
  });
});

const gzipBomb = new Uint8Array(gzipSync(Buffer.alloc(33 * 1024 * 1024, " ")));

/** All that comes back for the call written out in that version of HTTP; `rest`: headers and body. */
async function rawAnswer(
  server: MockServer,
  { provider, path }: ValidCall,
  version: string,
  rest: string,
): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let said = "";
  socket.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const headers = Object.entries({ host: "x", ...headersFor(provider) }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.write(`POST /${provider}${path} HTTP/${version}\r\n${headers.join("")}${rest}`);
  await once(socket, "close");
  return said;
}
