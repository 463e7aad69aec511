import { describe, expect, it } from "vitest";
import { parseStats, withoutFrames } from "../../../gateways/docker/container-accounts.ts";

const mebibyte = 2 ** 20;

describe("what a container has used", () => {
  it.each([
    {
      why: "under cgroup 2 the files that the kernel could drop are left out",
      memory: { usage: 100 * mebibyte, stats: { inactive_file: 40 * mebibyte } },
      rssBytes: 60 * mebibyte,
    },
    {
      why: "under cgroup 1 those of the whole tree are",
      memory: { usage: 100 * mebibyte, stats: { total_inactive_file: 30 * mebibyte, inactive_file: 10 * mebibyte } },
      rssBytes: 70 * mebibyte,
    },
    { why: "where nobody counts them nothing is", memory: { usage: 100 * mebibyte }, rssBytes: 100 * mebibyte },
    {
      why: "more of them than there is memory is a count of another instant",
      memory: { usage: 10 * mebibyte, stats: { inactive_file: 40 * mebibyte } },
      rssBytes: 10 * mebibyte,
    },
  ])("is CPU time in seconds and memory: $why", ({ memory, rssBytes }) => {
    const stats = { cpu_stats: { cpu_usage: { total_usage: 1_250_000_000 } }, memory_stats: memory };
    expect(parseStats(stats)).toEqual({ cpuSeconds: 1.25, rssBytes });
  });

  it("is unknown once it has ended", () => {
    expect(parseStats({ cpu_stats: { cpu_usage: { total_usage: 0 } }, memory_stats: {} })).toBeUndefined();
  });
});

describe("what a container has printed", () => {
  it("is put together from the frames of both streams, and a frame that is cut short counts as far as it came", () => {
    const frame = (stream: number, text: string, length = text.length): Buffer => {
      const head = Buffer.alloc(8);
      head.writeUInt8(stream, 0);
      head.writeUInt32BE(length, 4);
      return Buffer.concat([head, Buffer.from(text)]);
    };
    const bytes = Buffer.concat([frame(1, "listening\n"), frame(2, "no such "), frame(2, "model", 99)]);
    expect(withoutFrames(bytes)).toBe("listening\nno such model");
    expect(withoutFrames(Buffer.from("short"))).toBe("");
  });
});
