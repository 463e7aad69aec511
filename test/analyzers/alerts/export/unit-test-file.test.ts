import { describe, expect, it } from "vitest";
import { seriesName, seriesNotation } from "../../../../analyzers/alerts/export/series-notation.ts";
import { unitTestFile } from "../../../../analyzers/alerts/export/unit-test-file.ts";
import { madeAlerts, requests } from "../made-alerts.ts";

describe("series for promtool", () => {
  it.each([
    { values: [0, 3, 6, 9, 12], text: "0+3x4" },
    { values: [5, 5, 5], text: "5+0x2" },
    { values: [9, 6, 3], text: "9-3x2" },
    { values: [1, 2], text: "1 2" },
    { values: [undefined, undefined, 4, undefined, 0.5, 0.7, 0.9], text: "_x2 4 _ 0.5 0.7 0.9" },
    { values: [0.25, 0.25, 0.25], text: "0.25+0x2" },
  ])("write $values as $text", ({ values, text }) => {
    expect(seriesNotation(values)).toBe(text);
  });

  it("have their labels in order, and none that is empty", () => {
    expect(seriesName("up", { b: "2", a: 'say "1"', c: "" })).toBe(String.raw`up{a="say \"1\"", b="2"}`);
    expect(seriesName("up", {})).toBe("up");
  });
});

describe("unit tests for promtool", () => {
  const spec = madeAlerts({
    Busy: { when: "requests.per-second > 6", over: "20s", severity: "warning", says: "Busy" },
  });

  /** So many requests more at each scrape. */
  function asked(grown: readonly number[]) {
    let total = 1_000;
    const scrapes = grown.map((more, index) => {
      total += more;
      return { atMs: index * 10_000, samples: requests(total, 0) };
    });
    const [test] = unitTestFile("rules.yaml", spec, [], [{ name: "made", scrapes }]).tests;
    return test?.alert_rule_test.map(({ eval_time, exp_alerts }) => [eval_time, exp_alerts?.length ?? 0]);
  }

  it("ask just before an alert turns, as it turns, and at the end", () => {
    expect(asked([0, 0, 0, 100, 100, 100, 0, 0, 0])).toEqual([
      ["20s", 0],
      ["40s", 1],
      ["50s", 1],
      ["1m", 0],
      ["80s", 0],
    ]);
    // 50 s is the last scrape that grew: at one minute it is the first in the window, and nothing grows from there.
  });

  it("do not ask when Prometheus 2 and 3 would answer otherwise", () => {
    // One burst: 3 sees two samples and stretches them to the window, 2 sees the window as it was.
    expect(asked([0, 0, 0, 100, 0, 0])).toEqual([
      ["20s", 0],
      ["40s", 0],
      ["50s", 0],
    ]);
  });
});
