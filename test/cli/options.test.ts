import { InvalidArgumentError } from "commander";
import { describe, expect, it } from "vitest";
import { parseLatencyScale, parsePort, parseSeed, parseTimeScale, parseWait, parseWindow } from "../../cli/options.ts";

const parsers = { parseLatencyScale, parsePort, parseSeed, parseTimeScale, parseWait, parseWindow } as const;

describe("the parsers of options", () => {
  it.each([
    { parser: "parseSeed", text: "0", value: 0 },
    { parser: "parseSeed", text: "9007199254740991", value: 9_007_199_254_740_991 },
    { parser: "parsePort", text: "0", value: 0 },
    { parser: "parsePort", text: "65535", value: 65_535 },
    { parser: "parseTimeScale", text: "0.001", value: 0.001 },
    { parser: "parseTimeScale", text: "0.5", value: 0.5 },
    { parser: "parseTimeScale", text: "1000", value: 1_000 },
    { parser: "parseLatencyScale", text: "0", value: 0 },
    { parser: "parseLatencyScale", text: "0.1", value: 0.1 },
    { parser: "parseWindow", text: "0..5m", value: [0, 300_000] },
    { parser: "parseWindow", text: "90s..1h30m", value: [90_000, 5_400_000] },
    { parser: "parseWait", text: "1h", value: 3_600_000 },
    { parser: "parseWait", text: "250ms", value: 250 },
  ] as const)("$parser reads $text", ({ parser, text, value }) => {
    expect(parsers[parser](text)).toEqual(value);
  });

  it.each([
    { parser: "parseSeed", refused: ["-1", "1.5", "", "seven", "1e3", "9007199254740992"] },
    { parser: "parsePort", refused: ["-1", "65536", "", "http", "80.5"] },
    { parser: "parseTimeScale", refused: ["0", "0.0009", "-1", "", "1001", "fast", "NaN"] },
    { parser: "parseLatencyScale", refused: ["-0.1", "", " ", "1001", "slow"] },
    { parser: "parseWindow", refused: ["", "5m", "5m..1m", "1m..1m", "0..1m..2m", "0..5", "..5m"] },
    { parser: "parseWait", refused: ["", "0", "0s", "30", "2h", "soon"] },
  ] as const)("$parser refuses everything else with what is allowed", ({ parser, refused }) => {
    for (const text of refused) {
      expect(() => parsers[parser](text), text).toThrow(InvalidArgumentError);
      expect(() => parsers[parser](text), text).toThrow(/number from|such as/);
    }
  });
});
