import { describe, expect, it } from "vitest";
import type { LatencyLog } from "../../../../behavior/latency/fit/sample.ts";
import { latencyLogParser, type LatencyLogOptions } from "../../../../behavior/latency/logs/log-formats.ts";

const call = { inputTokens: 900, cachedTokens: 0, outputTokens: 120, ttftMs: 412.5, totalMs: 1_890 };

describe("a log as CSV", () => {
  it.each([
    ["prompt_tokens,completion_tokens,ttft_ms,total_ms", "900,120,412.5,1890"],
    ["Input Tokens,Output Tokens,Time To First Token (s),Latency (s)", "900,120,0.4125,1.890"],
    ["inputTokens,outputTokens,timeToFirstToken_us,e2eLatencyNs", "900,120,412500,1890000000"],
    ['"prompt","prompt_tokens","completion_tokens","ttft_ms","duration_ms"', '"a ""b"", c",900,120,412.5,1890'],
  ])("is understood under the names %s", (header, row) => {
    expect(read(`${header}\n${row}\n`).samples).toEqual([call]);
  });

  it("takes the unit of times without one from the user, and asks for it otherwise", () => {
    const text = "prompt_tokens,completion_tokens,ttft,latency\n900,120,0.4125,1.89\n";
    expect(read(text, { unit: "s" }).samples).toEqual([call]);
    expect(() => read(text)).toThrow("ttft has no unit: is it in seconds or in milliseconds?");
  });

  it("may have line breaks in its quoted fields, and Windows' line ends", () => {
    const text = 'text,prompt_tokens,completion_tokens,ttft_ms,total_ms\r\n"two\r\nlines",900,120,412.5,1890\r\n';
    expect(read(text).samples).toEqual([call]);
  });

  it("counts what it leaves out, by reason", () => {
    const header = "model,status,prompt_tokens,completion_tokens,cached_tokens,ttft_ms,total_ms";
    const rows = [
      "a,200,900,120,0,412.5,1890",
      "b,200,900,120,0,412.5,1890",
      "a,429,900,120,0,412.5,1890",
      "a,200,900,120,0,,1890",
      "a,200,900,120,0,1890,1890",
      "a,200,900,120,0,2000,1890",
      "a,200,900,0,0,412.5,1890",
      "a,200,900",
    ];
    const log = read([header, ...rows].join("\n"), { model: "a" });
    expect(log.samples).toEqual([call]);
    expect(log.models).toEqual([
      { model: "a", calls: 1 },
      { model: "b", calls: 1 },
    ]);
    expect(Object.fromEntries(log.leftOut.map(({ reason, calls }) => [reason, calls]))).toEqual({
      "another model": 1,
      failed: 1,
      "no time to first token": 1,
      "not streamed: the first token comes with the last": 1,
      "times that cannot be: 0 < first token <= end does not hold": 1,
      "token counts that cannot be": 1,
      "lines with another number of fields than the header": 1,
    });
  });
});

describe("a log as JSON", () => {
  const row = { prompt_tokens: 900, completion_tokens: 120, ttft_ms: 412.5, total_ms: 1_890 };

  it.each([
    ["one object per line", `${JSON.stringify(row)}\n\n${JSON.stringify(row)}\n`],
    ["an array on a line", JSON.stringify([row, row])],
    ["an array over many lines", JSON.stringify([row, row], null, 2)],
  ])("is read as %s", (_, text) => {
    expect(read(text).samples).toEqual([call, call]);
  });

  it("counts lines that are no JSON among what is left out", () => {
    const log = read(`${JSON.stringify(row)}\n{"prompt_tokens": 9`);
    expect(log.samples).toEqual([call]);
    expect(log.leftOut).toEqual([{ reason: "lines that are no JSON", calls: 1 }]);
  });

  it.each([
    ["nothing", ""],
    ["a header alone", "prompt_tokens,completion_tokens\n"],
    ["half a document", '{\n "a": 1,\n'],
    ["a quote that is not closed", 'a,b\n"1,2\n'],
  ])("is refused when it is %s", (_, text) => {
    expect(() => read(text)).toThrow(/cannot be read as a log of calls/);
  });
});

describe("spend logs of LiteLLM", () => {
  const spent = {
    request_id: "chatcmpl-1",
    model: "gpt-4o",
    status: "success",
    startTime: "2026-11-02T10:00:00.000000Z",
    completionStartTime: "2026-11-02T10:00:00.412500Z",
    endTime: "2026-11-02T10:00:01.890000Z",
    prompt_tokens: 900,
    completion_tokens: 120,
    metadata: { usage_object: { prompt_tokens_details: { cached_tokens: 512 } } },
  };

  it("give times as differences of timestamps, and cached tokens where they have them", () => {
    expect(read(JSON.stringify(spent)).samples).toEqual([{ ...call, cachedTokens: 512 }]);
  });

  it("may count seconds since 1970, and come from Postgres as CSV", () => {
    const header = "model,status,startTime,completionStartTime,endTime,prompt_tokens,completion_tokens,metadata";
    const first = 'gpt-4o,success,100.0,100.4125,101.89,900,120,"{""usage_object"":{}}"';
    const second = "gpt-4o,success,2026-11-02 10:00:00,2026-11-02 10:00:00.4125,2026-11-02 10:00:01.89,900,120,";
    const [one, two] = read([header, first, second].join("\n"), { format: "litellm" }).samples;
    expect(one?.ttftMs).toBeCloseTo(412.5, 6);
    expect(one?.totalMs).toBeCloseTo(1_890, 6);
    expect(two).toEqual(call);
  });

  it("leave out failures and answers from LiteLLM's own cache", () => {
    const lines = [{ ...spent, status: "failure" }, { ...spent, cache_hit: "True" }, spent];
    const log = read(lines.map((line) => JSON.stringify(line)).join("\n"));
    expect(log.samples).toHaveLength(1);
    expect(log.leftOut).toEqual([{ reason: "failed", calls: 2 }]);
  });
});

describe("spans of OpenTelemetry", () => {
  const attribute = (key: string, value: object): object => ({ key, value });
  const span = {
    startTimeUnixNano: "1762077600000000000",
    endTimeUnixNano: "1762077601890000000",
    attributes: [
      attribute("gen_ai.request.model", { stringValue: "gpt-4o" }),
      attribute("gen_ai.usage.input_tokens", { intValue: "900" }),
      attribute("gen_ai.usage.output_tokens", { intValue: "120" }),
      attribute("gen_ai.server.time_to_first_token", { doubleValue: 0.4125 }),
    ],
  };
  const request = (...spans: readonly object[]): string =>
    JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });

  it("give the span's duration and the first token in seconds, exactly", () => {
    expect(read(request(span)).samples).toEqual([call]);
  });

  it("give the first token as an event of the span, where no attribute does", () => {
    const withEvent = {
      ...span,
      attributes: span.attributes.slice(0, 3),
      events: [{ name: "gen_ai.first_token", timeUnixNano: "1762077600412500000" }],
    };
    expect(read(request(withEvent)).samples).toEqual([call]);
  });

  it("are passed over when they are no call to a model, and left out when they failed", () => {
    const database = { ...span, attributes: [attribute("db.system", { stringValue: "postgresql" })] };
    const log = read(`${request(database, span)}\n${request({ ...span, status: { code: 2 } })}`);
    expect(log.samples).toEqual([call]);
    expect(log.leftOut).toEqual([{ reason: "failed", calls: 1 }]);
  });
});

function read(text: string, options: LatencyLogOptions = {}): LatencyLog {
  const parser = latencyLogParser("log", options);
  for (const line of text.split("\n")) parser.line(line);
  return parser.finish();
}
