import { describe, expect, it } from "vitest";
import { csvTraceParser } from "../../../behavior/traffic/trace-csv.ts";
import { mooncakeLines, mooncakeTraceParser } from "../../../behavior/traffic/trace-mooncake.ts";
import { traceSummary } from "../../../behavior/traffic/trace-summary.ts";
import type { TraceParser, TraceRows } from "../../../behavior/traffic/trace.ts";
import { SquallError } from "../../../core/errors.ts";

describe("a trace as any CSV", () => {
  it.each([
    ["timestamp,prompt_tokens,completion_tokens", "2026-11-02T10:00:00Z,600,120", "2026-11-02T10:00:01.5Z,7,1"],
    ["arrival_s,Input Tokens,Output Tokens", "12.5,600,120", "14,7,1"],
    ["id,startedAtMs,contextTokens,generatedTokens,ttft", 'a,1000,600,120,"1"', "b,2500,7,1,2"],
  ])("is read by its header %s", (header, first, second) => {
    const rows = read(csvTraceParser("trace", undefined), `${header}\n${first}\n${second}\n`);
    expect([[...rows.atMs], [...rows.inputTokens], [...rows.outputTokens]]).toEqual([
      [0, 1_500],
      [600, 7],
      [120, 1],
    ]);
  });

  it.each([
    ["prompt_tokens,completion_tokens\n1,2", /has no column of times; it has "prompt_tokens"/],
    ["timestamp,prompt_tokens,completion_tokens\n5,1,2", /timestamp has no unit/],
  ])("is refused where its times cannot be understood: %s", (text, message) => {
    expect(() => read(csvTraceParser("trace", undefined), text)).toThrow(message);
  });

  it("tells every line that is wrong", () => {
    const text =
      "arrival_ms,prompt_tokens,completion_tokens\n10,1,2\nsoon,1,2\n5,1,2\n20,1\n2026-11-02T10:00:00Z,1,2\n";
    try {
      read(csvTraceParser("trace", undefined), text);
      expect.unreachable();
    } catch (cause) {
      if (!(cause instanceof SquallError)) throw cause;
      expect(cause.problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
        'trace:3 time is "soon"; allowed is a timestamp or a number',
        "trace:4 time runs backwards: 5 ms before line 2",
        "trace:5 has 2 fields of 3",
        "trace:6 mixes timestamps and numbers",
      ]);
    }
  });
});

describe("what squall import trace writes", () => {
  const text = [
    '{"timestamp":5,"input_length":1100,"output_length":20,"hash_ids":[1,2,3]}',
    '{"timestamp":905.25,"input_length":600,"output_length":10,"hash_ids":[1,9]}',
    '{"timestamp":1000,"input_length":1,"output_length":1}',
  ].join("\n");

  it("is read back as it was, blocks and all", () => {
    const rows = read(mooncakeTraceParser("trace"), text);
    expect([...(rows.blockNames ?? [])]).toEqual([1, 2, 3, 1, 9]);
    expect(read(mooncakeTraceParser("again"), mooncakeLines(rows))).toEqual(rows);
  });

  it("is summed up in numbers", () => {
    expect(traceSummary(read(mooncakeTraceParser("trace"), text))).toEqual({
      requests: 3,
      spanMs: 995,
      ratePerSecond: 2_000 / 995,
      busiestMinutePerSecond: 0.05,
      gapVariation: expect.closeTo((900.25 - 94.75) / 995, 9),
      inputTokens: { p50: 600, p95: 1_050, p99: 1_090, max: 1_100 },
      outputTokens: { p50: 10, p95: 19, p99: 20, max: 20 },
      repeatedBlocks: expect.closeTo(1 / 5, 12),
    });
  });

  it("refuses names of blocks that are none", () => {
    const bad = '{"timestamp":0,"input_length":1,"output_length":1,"hash_ids":[1.5]}';
    try {
      read(mooncakeTraceParser("trace"), bad);
      expect.unreachable();
    } catch (cause) {
      if (!(cause instanceof SquallError)) throw cause;
      expect(cause.problems[0]?.message).toBe("hash_ids hold something that is no whole number from 0 to 4294967295");
    }
  });
});

function read(parser: TraceParser, text: string): TraceRows {
  for (const [index, line] of text.split("\n").entries()) parser.line(line, index + 1);
  return parser.finish();
}
