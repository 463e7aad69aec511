/** Server-sent events: the same events however the bytes are cut and however the lines end. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventBytesMax, EventStreamReader } from "../../../load/native/event-stream.ts";

interface Seen {
  readonly data: string;
  readonly name: string;
}

function read(parts: readonly Uint8Array[]): Seen[] {
  const seen: Seen[] = [];
  const reader = new EventStreamReader((data, name) => seen.push({ data, name }));
  for (const part of parts) expect(reader.push(Buffer.from(part))).toBe(true);
  reader.end();
  return seen;
}

function readText(text: string): Seen[] {
  return read([Buffer.from(text)]);
}

/** Cuts bytes at every position that is named, modulo their number. */
function cut(bytes: Buffer, positions: readonly number[]): Buffer[] {
  const at = [...new Set([0, ...positions.map((position) => position % (bytes.length + 1)), bytes.length])];
  const sorted = at.toSorted((left, right) => left - right);
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

describe("EventStreamReader", () => {
  it.each([
    { why: "events end at a blank line", text: "data: a\n\ndata: b\n\n", expected: ["a", "b"] },
    { why: "only one space after the colon is dropped", text: "data:  a\ndata:b\n\n", expected: [" a\nb"] },
    {
      why: "data lines of one event are joined by line feeds",
      text: "data: a\ndata\ndata: b\n\n",
      expected: ["a\n\nb"],
    },
    { why: "comments and foreign fields are skipped", text: ": ping\nid: 7\nretry: 10\ndata: a\n\n", expected: ["a"] },
    { why: "a block without data is no event", text: "event: ping\n\n: ping\n\n\n\ndata: a\n\n", expected: ["a"] },
    { why: "an empty data line is an event", text: "data:\n\n", expected: [""] },
    { why: "a byte order mark at the start is skipped", text: "\uFEFFdata: a\n\n", expected: ["a"] },
    { why: "a byte order mark further on is not", text: "data: a\n\n\uFEFFdata: b\n\n", expected: ["a"] },
    {
      why: "an event without its blank line is handed over at the end",
      text: "data: a\n\ndata: b",
      expected: ["a", "b"],
    },
    { why: "a field name is not a prefix", text: "datas: a\n\n", expected: [] },
    { why: "nothing is nothing", text: "", expected: [] },
  ])("$why", ({ text, expected }) => {
    expect(readText(text).map((event) => event.data)).toEqual(expected);
    expect(readText(text.replaceAll("\n", "\r\n")).map((event) => event.data)).toEqual(expected);
    expect(readText(text.replaceAll("\n", "\r")).map((event) => event.data)).toEqual(expected);
  });

  it("names an event, and forgets the name with the event", () => {
    expect(readText("event: error\ndata: a\n\ndata: b\n\n")).toEqual([
      { data: "a", name: "error" },
      { data: "b", name: "" },
    ]);
  });

  it("reads the same events for any split of the bytes, in the middle of characters and line ends too", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "é", "漢", "😀", ":", " ", "\uFEFF"), maxLength: 12 });
    const line = fc.oneof(
      word.map((text) => `data: ${text}`),
      word.map((text) => `event:${text}`),
      word.map((text) => `: ${text}`),
      fc.constantFrom("data", "id: 1", "", "", ""),
    );
    const stream = fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r")), { maxLength: 25 });
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 40 }), (lines, positions) => {
        const bytes = Buffer.from(lines.flat().join(""));
        const whole = read([bytes]);
        expect(read(cut(bytes, positions))).toEqual(whole);
        expect(read(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
      }),
      { seed: 7 },
    );
  });

  it("reads back any data it is sent, whatever the line ends", () => {
    const text = fc.string({ unit: "binary" }).filter((data) => !/[\r\n]/.test(data));
    fc.assert(
      fc.property(fc.array(text), fc.constantFrom("\n", "\r\n", "\r"), (all, eol) => {
        const sent = all.map((data) => `data: ${data}${eol}${eol}`).join("");
        expect(readText(sent).map((event) => event.data)).toEqual(all.map((data) => Buffer.from(data).toString()));
      }),
      { seed: 7 },
    );
  });

  it("stops at an event that is larger than the bound, in one line or in many", () => {
    const half = Buffer.alloc(eventBytesMax / 2 + 1, "x");
    const oneLine = new EventStreamReader(() => undefined);
    expect(oneLine.push(Buffer.concat([Buffer.from("data: "), half]))).toBe(true);
    expect(oneLine.push(half)).toBe(false);
    const manyLines = new EventStreamReader(() => undefined);
    const line = Buffer.concat([Buffer.from("data: "), half, Buffer.from("\n")]);
    expect(manyLines.push(line)).toBe(true);
    expect(manyLines.push(line)).toBe(false);
  });
});
