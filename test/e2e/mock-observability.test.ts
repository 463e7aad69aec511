/** What the mock tells a collector of traces and a scraper of metrics, each played by the real thing or by a small receiver. */
import { execFileSync, spawnSync } from "node:child_process";
import { createServer, type IncomingMessage } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { startSquall } from "./squall-process.ts";

interface Span {
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly events?: readonly { readonly name: string; readonly timeUnixNano: string }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

interface Receiver {
  readonly url: string;
  readonly spans: Span[];
  readonly resources: unknown[];
}

/** Takes OTLP in JSON until the test ends. */
async function receiver(): Promise<Receiver> {
  const spans: Span[] = [];
  const resources: unknown[] = [];
  const server = createServer((request, response) => {
    void textOf(request).then((body) => {
      const sent: {
        readonly resourceSpans: readonly {
          readonly resource: unknown;
          readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
        }[];
      } = JSON.parse(body);
      for (const { resource, scopeSpans } of sent.resourceSpans) {
        resources.push(resource);
        spans.push(...scopeSpans.flatMap((scope) => scope.spans));
      }
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`, spans, resources };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function call(url: string, key: string, headers: Readonly<Record<string, string>>, stream: boolean): Promise<string> {
  return fetch(`${url}/openai/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: "gpt-4o-mini", max_tokens: 9, stream, messages: [{ role: "user", content: "hi" }] }),
  }).then((answer) => answer.text());
}

const traceId = "0af7651916cd43dd8448eb211c80319c";
const parentSpanId = "b7ad6b7169203331";

describe("traces of squall mock", () => {
  it("go to OTEL_EXPORTER_OTLP_ENDPOINT before it ends, continue traceparent, and speak of tokens, first token and errors", async () => {
    const { url: endpoint, spans, resources } = await receiver();
    const mock = startSquall(["mock", "--port", "0", "--latency-scale", "0.05"], {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: "my-mock" },
    });
    const [line] = await mock.says("stdout", /^.*\n/);
    const {
      url,
      providers,
    }: { readonly url: string; readonly providers: { readonly openai: { readonly apiKey: string } } } =
      JSON.parse(line);
    await call(url, providers.openai.apiKey, { traceparent: `00-${traceId}-${parentSpanId}-01` }, true);
    await call(url, providers.openai.apiKey, { traceparent: `00-${traceId}-${parentSpanId}-00` }, true);
    await call(url, "sk-nobodys", {}, false);
    mock.kill("SIGTERM");
    expect(await mock.ended).toMatchObject({ code: 0 });
    expect(spans).toHaveLength(2);
    const [served, refused] = spans;
    expect(served).toMatchObject({ traceId, parentSpanId, name: "chat gpt-4o-mini", kind: 2 });
    expect(attributesOf(served)).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-4o-mini",
      "gen_ai.request.max_tokens": 9,
      "gen_ai.usage.input_tokens": expect.any(Number),
      "gen_ai.usage.output_tokens": 9,
      "http.response.status_code": 200,
    });
    expect(attributesOf(served)).not.toHaveProperty("error.type");
    expect(served?.events).toMatchObject([{ name: "first_token" }]);
    const [began, first, ended] = [
      served?.startTimeUnixNano,
      served?.events?.[0]?.timeUnixNano,
      served?.endTimeUnixNano,
    ].map(Number);
    expect(first).toBeGreaterThan(began ?? Number.NaN);
    expect(ended).toBeGreaterThanOrEqual(first ?? Number.NaN);
    expect(refused).not.toHaveProperty("parentSpanId");
    expect(attributesOf(refused)).toMatchObject({ "error.type": "invalid_api_key", "http.response.status_code": 401 });
    expect(JSON.stringify(resources)).toContain('"my-mock"');
  });
});

/** OTLP wraps each value by its kind. */
function attributesOf(span: Span | undefined): Readonly<Record<string, unknown>> {
  return Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));
}

const promtool = spawnSync("promtool", ["--version"]).status === 0;

describe("metrics of squall mock", () => {
  it.skipIf(!promtool)("satisfy promtool (skipped where it is not installed)", async () => {
    const mock = startSquall(["mock", "--port", "0", "--latency-scale", "0"]);
    const [line] = await mock.says("stdout", /^.*\n/);
    const {
      url,
      providers,
    }: { readonly url: string; readonly providers: { readonly openai: { readonly apiKey: string } } } =
      JSON.parse(line);
    await call(url, providers.openai.apiKey, {}, true);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain("gen_ai_server_time_to_first_token_seconds_count");
    expect(execFileSync("promtool", ["check", "metrics"], { input: metrics, encoding: "utf8" })).toBe("");
  });
});
