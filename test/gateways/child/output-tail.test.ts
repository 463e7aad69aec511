import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { outputTail } from "../../../gateways/child/output-tail.ts";

describe("outputTail", () => {
  it("answers the last lines, oldest first, without blank ones", async () => {
    expect((await tailOf("one\n\ntwo\r\nthree\n")).lastLines(2)).toBe("two\nthree");
  });

  it("drops colours, cleared screens and what a spinner overwrote", async () => {
    expect((await tailOf("\u001bc\u001b[1;32mready\u001b[0m\n|spin\r/spin\rdone\n")).lastLines(5)).toBe("ready\ndone");
  });

  it("keeps the last 64 to 128 KiB of an endless talker", async () => {
    const tail = await tailOf(...Array.from({ length: 5_000 }, (_, index) => `line ${index} ${"x".repeat(90)}\n`));
    const kept = tail.lastLines(Number.POSITIVE_INFINITY);
    expect(kept.length).toBeGreaterThan(63 * 1024);
    expect(kept.length).toBeLessThanOrEqual(128 * 1024);
    expect(kept).toContain("line 4999 ");
  });

  it("is empty when nothing was printed", async () => {
    expect((await tailOf()).lastLines(3)).toBe("");
  });
});

async function tailOf(...chunks: readonly string[]): Promise<ReturnType<typeof outputTail>> {
  const stream = new PassThrough();
  const tail = outputTail();
  tail.drain(stream);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await new Promise((resolve) => stream.once("end", resolve));
  return tail;
}
