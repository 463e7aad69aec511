/** The journal's chain, line by line and byte by byte. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createJournal, drillHash, verifyJournal } from "../../runbooks/engine/journal.ts";

async function written(...texts: readonly string[]): Promise<{ readonly lines: string[]; readonly hash: string }> {
  const lines: string[] = [];
  const append = async (line: string): Promise<void> => void lines.push(line);
  const journal = createJournal({ nowMs: () => 1.6, wallTime: () => undefined, append });
  for (const text of texts) await journal.write({ kind: "note", who: "ada", text });
  return { lines, hash: drillHash(journal.entries()) };
}

describe("a journal", () => {
  it("is broken by a line that is no entry, unless a crash left it at the end", async () => {
    const { lines } = await written("one", "two", "three");
    expect(verifyJournal([...lines, '{"seq":3'])).toMatchObject({ whole: true, entries: 3 });
    expect(verifyJournal(lines.with(1, '{"seq":1'))).toEqual({ whole: false, line: 2, why: "is no journal entry" });
    expect(verifyJournal([])).toMatchObject({ whole: true, entries: 0, ended: false });
  });

  it("is broken by lines that changed places, are missing, or come from another journal", async () => {
    const [{ lines }, other] = [await written("one", "two", "three"), await written("one", "too", "three")];
    expect(verifyJournal([lines[1] ?? "", lines[0] ?? ""])).toEqual({
      whole: false,
      line: 1,
      why: "is entry 1, expected was 0",
    });
    expect(verifyJournal(lines.toSpliced(1, 1))).toEqual({ whole: false, line: 2, why: "is entry 2, expected was 1" });
    expect(verifyJournal(lines.with(2, other.lines[2] ?? ""))).toMatchObject({
      whole: false,
      line: 3,
      why: expect.stringMatching(/^does not follow/),
    });
    expect(verifyJournal(lines.with(1, other.lines[1] ?? ""))).toMatchObject({ whole: false, line: 3 });
  });

  it("is found out by the line itself where one byte of it is changed, put in or taken out, the last line included", async () => {
    const { lines } = await written("one", "two, \u00fc", "three");
    for (const [at, line] of lines.entries()) {
      for (let byte = 0; byte < line.length; byte++) {
        const other = line[byte] === "0" ? "1" : "0";
        for (const changed of [
          `${line.slice(0, byte)}${other}${line.slice(byte + 1)}`,
          `${line.slice(0, byte)} ${line.slice(byte)}`,
          `${line.slice(0, byte)}${line.slice(byte + 1)}`,
        ]) {
          const verified = verifyJournal(lines.with(at, changed));
          // What is no JSON any more in the last line may be what a crash left: it is not counted.
          const isCounted = verified.whole && verified.entries === lines.length;
          expect(isCounted, `line ${at + 1}, byte ${byte}: ${changed}`).toBe(false);
          if (!verified.whole) expect(verified.line).toBe(at + 1);
        }
      }
    }
  });

  it("is broken by an entry that lost its hash, wherever it stands", async () => {
    const { lines } = await written("one", "two", "three");
    for (const [at, line] of lines.entries()) {
      const bare = lines.with(at, line.replace(/,"hash":"[0-9a-f]*"/, ""));
      expect(verifyJournal(bare)).toMatchObject({ whole: false, line: Math.max(2, at + 1) });
    }
  });

  it("of an older version, whose entries have no hash of their own, is read and gone on with", async () => {
    const hash = (line: string): string => createHash("sha256").update(line).digest("hex");
    const first = '{"seq":0,"atMs":0,"kind":"note","who":"ada","text":"one","previous":""}';
    const second = `{"seq":1,"atMs":0,"kind":"note","who":"ada","text":"two","previous":"${hash(first)}"}`;
    const lines = [first, second];
    expect(verifyJournal(lines)).toMatchObject({ whole: true, entries: 2, lastHash: hash(second) });
    const journal = createJournal({
      nowMs: () => 2,
      wallTime: () => undefined,
      append: async (line) => void lines.push(line),
      earlier: [first, second],
    });
    await journal.write({ kind: "note", who: "ada", text: "three" });
    expect(verifyJournal(lines)).toMatchObject({ whole: true, entries: 3 });
    expect(verifyJournal(lines.with(0, first.replace("one", "One")))).toMatchObject({ whole: false, line: 2 });
  });

  it("keeps keys out of everything that is said and of who says it", async () => {
    const key = "sk-abcdefghijklmnop1234";
    const lines: string[] = [];
    const journal = createJournal({
      nowMs: () => 0,
      wallTime: () => undefined,
      append: async (line) => void lines.push(line),
    });
    await journal.write({ kind: "note", who: key, text: `it is ${key}`, data: { deep: [{ value: key }] } });
    expect(lines.join("")).not.toContain(key);
    expect(JSON.stringify(journal.entries())).not.toContain(key);
  });

  it("tells drills apart by how they began", async () => {
    const [one, same, other] = [await written("one"), await written("one", "two"), await written("another")];
    expect(same.hash).toBe(one.hash);
    expect(other.hash).not.toBe(one.hash);
  });
});
