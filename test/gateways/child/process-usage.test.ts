import { describe, expect, it } from "vitest";
import { parseLinuxUsage, parsePsUsage, processUsage } from "../../../gateways/child/process-usage.ts";

describe("process usage", () => {
  it("reads user and system ticks of a Linux process whose name holds spaces and parentheses", () => {
    const stat = "42 (node (v8) x) S 1 42 42 0 -1 4194560 900 0 0 0 250 75 0 0 20 0 11 0 100 1 1";
    expect(parseLinuxUsage(stat, "Name:\tnode\nVmRSS:\t  2048 kB\n")).toEqual({
      cpuSeconds: 3.25,
      rssBytes: 2_097_152,
    });
  });

  it("knows nothing of a zombie, which has no resident memory", () => {
    expect(parseLinuxUsage("42 (node) Z 1 42 42 0 -1 0 0 0 0 0 5 5 0 0", "Name:\tnode\n")).toBeUndefined();
  });

  it.each([
    { line: "  2048   0:03.25\n", cpuSeconds: 3.25 },
    { line: "2048 01:02:03\n", cpuSeconds: 3_723 },
    { line: "2048 2-01:00:00\n", cpuSeconds: 176_400 },
  ])("reads the ps line $line", ({ line, cpuSeconds }) => {
    expect(parsePsUsage(line)).toEqual({ cpuSeconds, rssBytes: 2_097_152 });
  });

  it("knows nothing when ps prints nothing", () => {
    expect(parsePsUsage("")).toBeUndefined();
  });

  it.skipIf(process.platform === "win32")("sees this very process, and none where there is none", async () => {
    const usage = await processUsage(process.pid);
    expect(usage?.cpuSeconds).toBeGreaterThan(0);
    expect(usage?.rssBytes).toBeGreaterThan(1_000_000);
    expect(await processUsage(2 ** 22 + 1)).toBeUndefined();
  });
});
