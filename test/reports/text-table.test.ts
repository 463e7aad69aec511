import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Column, textTable, wrap } from "../../reports/text-table.ts";

const columns: readonly Column[] = [{ align: "left", shrinks: true }, { align: "right" }];

describe("textTable", () => {
  it("aligns names to the left and numbers to the right, without trailing blanks", () => {
    const lines = textTable(
      columns,
      [
        [{ text: "a" }, { text: "1,000" }],
        [{ text: "longer" }, { text: "7" }],
      ],
      80,
    );
    expect(lines).toEqual(["a       1,000", "longer      7"]);
  });

  it("cuts the one column that shrinks, with an ellipsis, and no other", () => {
    const lines = textTable(columns, [[{ text: "a rather long name" }, { text: "1,000" }]], 17);
    expect(lines).toEqual(["a rather …  1,000"]);
  });

  it("drops a column that has no text at all", () => {
    expect(textTable([{ align: "left" }, ...columns], [[{ text: "" }, { text: "a" }, { text: "1" }]], 80)).toEqual([
      "a  1",
    ]);
  });

  it("puts colour on after padding, so that painted and plain tables line up", () => {
    const paint = (text: string): string => `<${text}>`;
    expect(
      textTable(
        columns,
        [
          [
            { text: "ab", paint },
            { text: "1", paint },
          ],
          [{ text: "abcd" }, { text: "22" }],
        ],
        80,
      ),
    ).toEqual(["<ab>     <1>", "abcd  22"]);
  });

  it("never makes a line wider than asked, for any text", () => {
    const rows = fc.array(fc.tuple(fc.string({ maxLength: 60 }), fc.string({ maxLength: 8 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(rows, fc.integer({ min: 20, max: 80 }), (texts, width) => {
        const lines = textTable(
          columns,
          texts.map((row) => row.map((text) => ({ text }))),
          width,
        );
        return lines.length === texts.length && lines.every((line) => line.length <= width);
      }),
      { seed: 3 },
    );
  });
});

describe("wrap", () => {
  it("breaks at blanks and leaves a long word alone", () => {
    expect(wrap("one two three extraordinarily long", 9)).toEqual(["one two", "three", "extraordinarily", "long"]);
    expect(wrap("", 9)).toEqual([]);
  });
});
