import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { traceProblemsMax } from "../../../behavior/traffic/trace-rows.ts";
import { traceParser, type TraceRows } from "../../../behavior/traffic/trace.ts";
import { SquallError } from "../../../core/errors.ts";

type Format = Parameters<typeof traceParser>[0];

const header = "TIMESTAMP,ContextTokens,GeneratedTokens";

function parse(format: Format, lines: readonly string[]): TraceRows {
  const parser = traceParser(format, "trace");
  lines.forEach((line, index) => parser.line(line, index + 1));
  return parser.finish();
}

function problemsOf(format: Format, lines: readonly string[]): readonly string[] {
  try {
    parse(format, lines);
  } catch (error) {
    if (!(error instanceof SquallError)) throw error;
    expect([error.code, error.exitCode]).toEqual(["trace-malformed", 3]);
    return error.problems.map((problem) => `${problem.path} ${problem.message}`);
  }
  return [];
}

const azureRow = (timestamp: string): string => `${timestamp},374,44`;
const mooncakeRow = (row: object): string =>
  JSON.stringify({ timestamp: 0, input_length: 10, output_length: 5, hash_ids: [], ...row });

describe("the Azure format", () => {
  it("keeps instants to a tenth of a microsecond, counted from the first row", () => {
    const rows = parse("azure", [
      header,
      azureRow("2023-11-16 18:15:46.6805900"),
      azureRow("2023-11-16 18:15:46.6805901"),
      azureRow("2023-11-16 18:15:50.9951690"),
    ]);
    expect([...rows.atMs]).toEqual([0, 0.0001, 4_314.579]);
    expect([rows.count, ...rows.inputTokens.subarray(0, 1), ...rows.outputTokens.subarray(0, 1)]).toEqual([3, 374, 44]);
  });

  it.each([
    ["midnight", "2023-11-16 23:59:59.9999999", "2023-11-17 00:00:00", 0.0001],
    ["a leap day", "2024-02-28 23:59:59", "2024-03-01 00:00:00", 86_401_000],
    ["no leap day in a century", "1900-02-28 00:00:00", "1900-03-01 00:00:00", 86_400_000],
    ["a leap day in the fourth century", "2000-02-28 00:00:00", "2000-03-01 00:00:00", 2 * 86_400_000],
    ["the turn of a year", "2023-12-31T23:59:59.5Z", "2024-01-01T00:00:00.25Z", 750],
    ["a UTC offset", "2024-05-10 00:00:00.009930+00:00", "2024-05-10 00:00:01.009930+00:00", 1_000],
  ])("counts across %s", (_, from, to, expectedMs) => {
    expect(parse("azure", [header, azureRow(from), azureRow(to)]).atMs[1]).toBe(expectedMs);
  });

  it("agrees with the calendar of the language for any two instants", () => {
    const instant = fc.integer({ min: 0, max: 4_102_444_800_000 });
    fc.assert(
      fc.property(instant, instant, (left, right) => {
        const [first, second] = [Math.min(left, right), Math.max(left, right)];
        const written = [first, second].map((atMs) =>
          azureRow(new Date(atMs).toISOString().replace("T", " ").replace("Z", "0000")),
        );
        expect(parse("azure", [header, ...written]).atMs[1]).toBe(second - first);
      }),
      { seed: 1 },
    );
  });

  it("reads files with a byte order mark, carriage returns and blank lines", () => {
    expect(parse("azure", [`\uFEFF${header}\r`, `${azureRow("2023-11-16 18:15:46")}\r`, ""]).count).toBe(1);
  });

  it.each([
    ["a torn line", azureRow("2023-11-16 18:15:47").slice(0, 22), /^trace:3 has 2 fields of 3/],
    ["a line torn after a comma", "2023-11-16 18:15:47,374,", /^trace:3 has 2 fields of 3/],
    ["a fourth field", `${azureRow("2023-11-16 18:15:47")},9`, /^trace:3 has 4 fields of 3/],
    ["a negative count", "2023-11-16 18:15:47,-374,44", /^trace:3 input tokens are -374; allowed/],
    ["half a token", "2023-11-16 18:15:47,374,4.5", /^trace:3 output tokens are 4.5; allowed/],
    ["words for numbers", "2023-11-16 18:15:47,many,44", /^trace:3 input tokens are "many"; allowed/],
    ["a count beyond any model", "2023-11-16 18:15:47,99000000,44", /^trace:3 input tokens are 99000000; allowed/],
    ["time running backwards", azureRow("2023-11-16 18:15:45.5"), /^trace:3 time runs backwards: 500 ms before line 2/],
    ["the 31st of a short month", azureRow("2023-11-31 18:15:46"), /^trace:3 timestamp is "2023-11-31 18:15:46"/],
    ["colours for digits", azureRow("\u001b[31m2023"), /^trace:3 timestamp is "\\u001b\[31m2023"; allowed/],
    ["a 25th hour", azureRow("2023-11-16 24:15:46"), /^trace:3 timestamp/],
    ["eight decimals", azureRow("2023-11-16 18:15:46.12345678"), /^trace:3 timestamp/],
    ["a line without end", "x".repeat(2_000_000), /^trace:3 longer than/],
  ])("says line and cause for %s", (_, line, expected) => {
    expect(problemsOf("azure", [header, azureRow("2023-11-16 18:15:46"), line])).toEqual([
      expect.stringMatching(expected),
    ]);
  });

  it("asks for its header, and still checks the first row when there is none", () => {
    expect(problemsOf("azure", [azureRow("2023-11-16 18:15:46")])).toEqual([
      expect.stringMatching(/^trace:1 the header is/),
    ]);
    expect(problemsOf("azure", ["2023-11-16 18:15:46,-1,5"])).toHaveLength(2);
  });
});

describe("the Mooncake format", () => {
  it("reads instants from the first row on, lengths, and the number of prefix blocks", () => {
    const rows = parse("mooncake", [
      mooncakeRow({ timestamp: 3_000, hash_ids: [1, 2, 3] }),
      mooncakeRow({ timestamp: 4_500, input_length: 6_758, output_length: 500 }),
    ]);
    expect([...rows.atMs]).toEqual([0, 1_500]);
    expect([...rows.inputTokens]).toEqual([10, 6_758]);
    expect([...rows.outputTokens]).toEqual([5, 500]);
    expect([...rows.prefixBlocks]).toEqual([3, 0]);
  });

  it.each([
    ["a torn line", mooncakeRow({}).slice(0, 40), /^trace:2 not a JSON object/],
    ["a list", "[1]", /^trace:2 not a JSON object/],
    ["a missing length", '{"timestamp": 1, "input_length": 5}', /^trace:2 output_length: missing or not a number/],
    ["a length in quotes", mooncakeRow({ input_length: "10" }), /^trace:2 input_length: missing or not a number/],
    ["a negative count", mooncakeRow({ timestamp: 10, output_length: -1 }), /^trace:2 output tokens are -1; allowed/],
    ["half a token", mooncakeRow({ timestamp: 10, input_length: 1.5 }), /^trace:2 input tokens are 1.5; allowed/],
    ["a negative time", mooncakeRow({ timestamp: -1 }), /^trace:2 timestamp is -1; allowed/],
    [
      "a time without end",
      '{"timestamp": 1e999, "input_length": 5, "output_length": 5}',
      /^trace:2 timestamp is Infinity/,
    ],
    ["time running backwards", mooncakeRow({ timestamp: 4 }), /^trace:2 time runs backwards: 6 ms before line 1/],
  ])("says line and cause for %s", (_, line, expected) => {
    expect(problemsOf("mooncake", [mooncakeRow({ timestamp: 10 }), line])).toEqual([expect.stringMatching(expected)]);
  });
});

describe("every format", () => {
  const good = { azure: [header, azureRow("2023-11-16 18:15:46")], mooncake: [mooncakeRow({})] };
  const empty = { azure: [header], mooncake: [] };

  it.each(["azure", "mooncake"] as const)("refuses a trace without rows: %s", (format) => {
    expect(problemsOf(format, empty[format])).toEqual([expect.stringContaining("no rows")]);
  });

  it.each(["azure", "mooncake"] as const)(
    "tells several problems at once, and stops at a score of them: %s",
    (format) => {
      expect(problemsOf(format, [...good[format], "a", "b", "c"])).toHaveLength(3);
      expect(problemsOf(format, [...good[format], ...Array<string>(100).fill("?")])).toHaveLength(traceProblemsMax);
    },
  );

  it("blames one early row for one problem, not all that follow it", () => {
    const instants = [0, 10, 5, 20, 15, 30].map((timestamp) => mooncakeRow({ timestamp }));
    expect(problemsOf("mooncake", instants)).toHaveLength(2);
  });

  it("grows with the file and gives columns of just that length", () => {
    const rows = parse(
      "mooncake",
      Array.from({ length: 5_000 }, (_, index) => mooncakeRow({ timestamp: index, input_length: index })),
    );
    expect([rows.count, rows.atMs.length, rows.inputTokens.length, rows.prefixBlocks.length]).toEqual([
      5_000, 5_000, 5_000, 5_000,
    ]);
    expect([rows.atMs[4_999], rows.inputTokens[1_024], rows.inputTokens[4_999]]).toEqual([4_999, 1_024, 4_999]);
  });
});

describe("a trace of which no format is named", () => {
  it("is read as its first line tells, whatever comes before that", () => {
    const azure = [header, azureRow("2023-11-16 18:15:46"), azureRow("2023-11-16 18:15:47")];
    const mooncake = [mooncakeRow({}), mooncakeRow({ timestamp: 27 })];
    expect(parse(undefined, azure)).toEqual(parse("azure", azure));
    expect(parse(undefined, ["", ...mooncake])).toEqual(parse("mooncake", mooncake));
  });

  it("is told what is missing when it is neither, or empty", () => {
    expect(problemsOf(undefined, ["time;tokens"])).toEqual(problemsOf("azure", ["time;tokens"]));
    expect(problemsOf(undefined, [])).toEqual(problemsOf("azure", []));
  });
});
