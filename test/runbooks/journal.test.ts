/** The journal's chain and its redaction, line by line. */
import { describe, expect, it } from "vitest";
import { createJournal, drillHash, redactText, verifyJournal } from "../../runbooks/engine/journal.ts";

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

  it("tells drills apart by how they began", async () => {
    const [one, same, other] = [await written("one"), await written("one", "two"), await written("another")];
    expect(same.hash).toBe(one.hash);
    expect(other.hash).not.toBe(one.hash);
  });
});

describe("a key", () => {
  it.each([
    "sk-proj-abcdefghijklmnop1234",
    "sk-ant-api03-abcdefghijklmnop",
    "AKIAIOSFODNN7EXAMPLEX",
    "AIzaSyA1234567890abcdefgh",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
    "Bearer short123",
    "api_key=hunter22",
    'password: "correct horse"',
  ])("does not get through: %s", (key) => {
    expect(redactText(`before ${key} after`)).not.toContain(key.split(/[=:] ?"?/).at(-1));
    expect(redactText(`before ${key} after`)).toContain("[redacted]");
  });

  it.each(["the token limit is used up", "tokens.of-limit > 80 %", "step skip-ahead", "key 2 of azure"])(
    "is not seen where there is none: %s",
    (text) => {
      expect(redactText(text)).toBe(text);
    },
  );
});
